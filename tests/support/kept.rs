//! Files of the project that a test writes, and otherwise holds to what it would write.

use std::path::Path;

/// Writes `wanted` there where the environment has `variable`; then that is what must stand there. `test` picks the tests
/// that write it.
pub fn is_as_written(place: &Path, wanted: &str, variable: &str, test: &str) {
    if std::env::var_os(variable).is_some() {
        std::fs::write(place, wanted).unwrap();
    }
    assert!(
        std::fs::read_to_string(place).unwrap_or_default() == wanted,
        "`{}` is not what it is made of\nhint: {variable}=1 cargo test --test it {test}",
        place.display()
    );
}
