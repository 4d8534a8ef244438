//! Values and rows, as PostgreSQL's protocol has them.

use crate::store::sql::{Row, Value};
use bytes::{BufMut, BytesMut};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Refused = Box<dyn Error + Sync + Send>;

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        match self {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(number) if *kind == Type::INT4 => out.put_i32((*number).try_into()?),
            Value::Int(number) if *kind == Type::INT8 => out.put_i64(*number),
            Value::Int(_) => return Err("a number where none belongs".into()),
            Value::Text(text) => out.put_slice(text.as_bytes()),
            Value::Bytes(bytes) => out.put_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value as it came.
struct Raw<'r>(&'r [u8]);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, bytes: &'r [u8]) -> Result<Self, Refused> {
        Ok(Raw(bytes))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn raw(row: &tokio_postgres::Row, at: usize) -> Option<&[u8]> {
    let value: Option<Raw<'_>> = row.try_get(at).ok()?;
    value.map(|Raw(bytes)| bytes)
}

impl Row for tokio_postgres::Row {
    fn is_null(&self, at: usize) -> bool {
        raw(self, at).is_none()
    }

    fn int(&self, at: usize) -> Option<i64> {
        let bytes = raw(self, at)?;
        match *self.columns().get(at)?.type_() {
            Type::INT8 => bytes.try_into().ok().map(i64::from_be_bytes),
            Type::INT4 => bytes.try_into().ok().map(i32::from_be_bytes).map(i64::from),
            _ => None,
        }
    }

    fn text(&self, at: usize) -> Option<&str> {
        std::str::from_utf8(raw(self, at)?).ok()
    }

    fn bytes(&self, at: usize) -> Option<&[u8]> {
        match *self.columns().get(at)?.type_() {
            Type::BYTEA => raw(self, at),
            _ => None,
        }
    }
}
