use crate::evidence::alarms::limit;
use crate::evidence::weights::Weights;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

#[test]
fn a_walk_reaches_its_limit_as_often_as_wanted() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    // What is usual, what happens, how often it may err.
    for (usual, ratio, wanted) in [
        (0.05, 0.05, 1e-3),
        (0.05, 0.04, 1e-3),
        (0.02, 0.02, 1e-3),
        (0.2, 0.15, 1e-3),
        (0.4, 0.4, 1e-3),
    ] {
        for weights in Weights::bank(usual) {
            let limit = limit(weights, ratio, f64::ln(wanted));
            let (mut level, mut alarms) = (0.0f64, 0);
            for _ in 0..1_000_000 {
                let step = if random.random::<f64>() < ratio {
                    weights.up
                } else {
                    -weights.down
                };
                level = (level + step).max(0.0);
                if level >= limit.nats {
                    alarms += 1;
                    level = 0.0;
                }
            }
            // A walk of few steps errs in steps: two abandoned in a row, or three.
            let erred = f64::from(alarms) / 1e6 / wanted;
            assert!(
                (0.3..1.5).contains(&erred),
                "{erred} of what is wanted at {usual}, {ratio}, {weights:?}: {limit:?}"
            );
        }
    }
}
