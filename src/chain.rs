//! How an error is told in one line: with its causes. Here, since every room that tells one says it so.

use std::error::Error;

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read `{0}`")]
    struct Outer(&'static str, #[source] std::io::Error);

    #[test]
    fn an_error_is_told_with_its_causes() {
        let error = Outer("x", std::io::Error::other("it is gone"));
        assert_eq!(chain(&error), "cannot read `x`: it is gone");
        assert_eq!(chain(&std::io::Error::other("alone")), "alone");
    }
}
