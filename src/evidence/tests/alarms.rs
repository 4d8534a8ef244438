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
        for (number, weights) in Weights::bank(usual).into_iter().enumerate() {
            let limit = limit(weights, ratio, f64::ln(wanted));
            let (mut level, mut alarms) = (0.0f64, 0);
            for _ in 0..400_000 {
                let abandoned = random.random::<f64>() < ratio;
                level = (level + weights.step(abandoned)).max(0.0);
                if level >= limit.nats {
                    alarms += 1;
                    level = 0.0;
                }
            }
            // Of a collapse two abandoned in a row are too few, or three are: nothing is between. Told from a burst, an
            // answered one takes back three.
            let least = [0.5, 0.05, 0.0][number];
            let erred = f64::from(alarms) / 4e5 / wanted;
            assert!(
                (least..1.5).contains(&erred),
                "{erred} of what is wanted at {usual}, {ratio}, {weights:?}: {limit:?}"
            );
        }
    }
}
