//! Objects as they are sent: a declaration each.

/// Declares wire objects: the vendor's key, our name, the type. What is not named here is skipped unread.
/// (No `Debug`: a value in the wrong place could be personal.)
macro_rules! wire {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($key:literal => $field:ident: $type:ty,)* $(.. $rest:ident: $rest_type:ty)? }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Default)]
        pub struct $name<'a> {
            $(pub $field: Sent<$type>,)*
            $(
                /// Fields of this shape that stand among the others.
                pub $rest: $rest_type,
            )?
        }

        impl $name<'_> {
            /// The vendor's names of what is read.
            pub const KEYS: &'static [&'static str] = &[$($key,)*];
        }

        impl<'a> $name<'a> {
            fn member(&mut self, key: &str, walk: &mut Walk<'a>) {
                match key {
                    $($key => walk.read_into(&mut self.$field),)*
                    _ => { $(self.$rest.member(key, walk))? }
                }
            }
        }

        impl<'a> Read<'a> for $name<'a> {
            fn read(walk: &mut Walk<'a>) -> Sent<Self> {
                walk.object(|object: &mut Self, key, walk| object.member(key, walk))
            }
        }
    )*};
}

pub(super) use wire;
