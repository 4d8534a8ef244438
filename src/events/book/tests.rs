use super::*;
use crate::events::call::call;
use crate::metrics::Own;
use proptest::prelude::*;

fn open(book: &Book, calls: Vec<(i64, Call)>, written: i64, desk: &Arc<Desk>) {
    let stored = Stored {
        calls,
        written,
        commits: 1_000,
    };
    book.open(&"acme".into(), &Own::any().begin(), 3_600, stored, desk);
}

fn book(stored: Vec<(i64, Call)>, written: i64) -> (Book, Arc<Desk>) {
    let (book, desk) = (Book::default(), Desk::any());
    open(&book, stored, written, &desk);
    (book, desk)
}

fn commits(book: &Book) -> Vec<i64> {
    let all = book.since(i64::MIN, |_| true).into_iter();
    let mut commits: Vec<i64> = all.map(|(commit, _)| commit).collect();
    commits.sort_unstable();
    commits
}

fn write_all(book: &Book, desk: &Arc<Desk>) {
    while let Some(batch) = book.batch(desk, 500) {
        book.note_written(&batch, 0);
    }
}

#[test]
fn a_batch_is_of_whole_commits() {
    let calls = [(1, 3), (2, 2), (3, 4)];
    let calls = calls
        .iter()
        .flat_map(|(commit, calls)| vec![*commit; *calls]);
    let calls = (0..).zip(calls).map(|(at, commit)| (commit, call(at)));
    let (book, desk) = book(calls.collect(), 0);
    let sizes = std::iter::from_fn(|| {
        let batch = book.batch(&desk, 4)?;
        book.note_written(&batch, 0);
        Some((batch.lines.len(), batch.commits.last().copied()))
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [(5, Some(2)), (4, Some(3))]);
}

#[test]
fn those_that_ended_first_make_room_whichever_came_first_and_lines_that_wait_are_not_lost_by_it() {
    let (book, desk) = book(Vec::new(), 0);
    // The past is read from the newest on.
    for commit in 1..=25 {
        book.add(
            commit,
            (0..1_000)
                .map(|at| call(100_000 - 1_000 * commit + at))
                .collect(),
        );
        let waiting = book.batch(&desk, 500).unwrap();
        assert_eq!(waiting.lines.len(), 1_000, "commit {commit}");
        book.note_written(&waiting, 1_000);
    }
    book.add(26, vec![call(0)]);
    let kept = commits(&book);
    assert_eq!((kept.len(), kept[0], kept[MOST - 1]), (MOST + 1, 1, 10));
    let first_s = call(90_000).ended_s;
    assert_eq!(
        book.forget(0).unwrap().before_s,
        first_s,
        "the store keeps no more than that"
    );
}

#[test]
fn what_waited_for_too_long_is_lost_the_oldest_first() {
    let (book, _) = book(Vec::new(), 0);
    for commit in 1..=11 {
        book.add(commit, vec![call(commit); 1_000]);
    }
    assert_eq!(commits(&book).len(), MOST);
    assert_eq!(commits(&book)[0], 2);
    let forget = book.forget(0).unwrap();
    assert_eq!((forget.lost_before_s, forget.written), (call(2).ended_s, 0));
}

#[test]
fn those_are_forgotten_that_are_old_and_written() {
    let ended_s = call(0).ended_s;
    let (book, _) = book(vec![(1, call(0)), (2, call(1)), (3, call(9_000))], 1);
    let now_s = ended_s + 3_602;
    let wanted = Forget {
        written: 1,
        before_s: ended_s + 2,
        lost_before_s: i64::MIN,
    };
    assert_eq!(book.forget(now_s), Some(wanted));
    assert_eq!(commits(&book), [2, 3], "the line of the second waits");
    assert_eq!(book.forget(now_s + 1), None, "not at every commit");
    assert!(
        book.forget(now_s - 10_000).is_some(),
        "a clock that was set back"
    );
}

#[test]
fn an_output_that_hangs_keeps_what_it_has_in_hand_and_gets_nothing_else() {
    let stored = || (1..=9).map(|commit| (commit, call(commit))).collect();
    let (book, old) = book(stored(), 0);
    let hangs = book.batch(&old, 3).unwrap();
    let new = Desk::any();
    open(&book, stored(), 0, &new);
    assert!(book.batch(&old, 3).is_none());
    write_all(&book, &new);
    assert_eq!(book.written(), 0, "a crash now may cost no line");
    book.note_written(&hangs, 3);
    assert_eq!(book.written(), 9);
    book.add(10, vec![call(10)]);
    let hangs = book.batch(&new, 3).unwrap();
    open(&book, vec![(10, call(10))], 9, &old);
    assert!(book.batch(&old, 3).is_none());
    book.note_failure(&hangs, &new);
    write_all(&book, &old);
    assert_eq!(book.written(), 10);
}

#[derive(Debug, Clone)]
enum Step {
    Add(usize),
    Take(usize),
    /// Of those in hand, whether it could be written.
    Ends(usize, bool),
    /// Lines go elsewhere, opened with what is stored.
    Move(usize),
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..4usize).prop_map(Step::Add),
        (1..6usize).prop_map(Step::Take),
        (0..4usize, any::<bool>()).prop_map(|(at, well)| Step::Ends(at, well)),
        (0..3usize).prop_map(Step::Move),
        Just(Step::Close),
    ];
    proptest::collection::vec(step, 1..60)
}

proptest! {
    /// Whatever hangs, fails or is moved, and however often: each line is written in one place, and none before what is
    /// stored says so.
    #[test]
    fn each_line_is_written_once(steps in steps()) {
        let desks: Vec<Arc<Desk>> = (0..3).map(|_| Desk::any()).collect();
        let book = Book::default();
        let (mut all, mut at, mut commits, mut number) = (Vec::new(), 0, 0, 0);
        let (mut written, mut in_hand): (Vec<String>, Vec<(Batch, usize)>) = Default::default();
        let open = |all: &Vec<(i64, Call)>, commits, at: usize| {
            let stored = Stored { calls: all.clone(), written: 0, commits };
            book.open(&"acme".into(), &Own::any().begin(), 3_600, stored, &desks[at]);
        };
        open(&all, 0, at);
        let mut closed = false;
        for step in steps {
            match step {
                Step::Add(calls) if !closed => {
                    commits += 1;
                    let calls: Vec<Call> = (0..calls).map(|_| { number += 1; call(number) }).collect();
                    all.extend(calls.iter().map(|call| (commits, call.clone())));
                    book.add(commits, calls);
                }
                // From where lines go, and from where they went.
                Step::Take(most) => for (desk, it) in desks.iter().enumerate() {
                    if let Some(batch) = book.batch(it, most) {
                        prop_assert!(desk == at && !closed);
                        in_hand.push((batch, desk));
                    }
                },
                Step::Ends(which, well) if which < in_hand.len() => {
                    let (batch, desk) = in_hand.remove(which);
                    if well {
                        book.note_written(&batch, 0);
                        written.extend(batch.lines);
                    } else {
                        book.note_failure(&batch, &desks[desk]);
                    }
                }
                Step::Move(to) => {
                    (at, closed) = (to, false);
                    open(&all, commits, at);
                }
                Step::Close => {
                    book.close(false);
                    closed = true;
                }
                _ => {}
            }
            let stored_as_written = all.iter().filter(|it| it.0 <= book.written());
            for (commit, call) in stored_as_written {
                prop_assert!(written.contains(&call.line("acme", *commit)));
            }
        }
        open(&all, commits, at);
        while let Some(batch) = book.batch(&desks[at], 2) {
            book.note_written(&batch, 0);
            written.extend(batch.lines);
        }
        for (batch, _) in in_hand {
            book.note_written(&batch, 0);
            written.extend(batch.lines);
        }
        let mut wanted: Vec<String> = all.iter().map(|(commit, call)| call.line("acme", *commit)).collect();
        wanted.sort();
        written.sort();
        prop_assert_eq!(written, wanted);
        prop_assert_eq!(book.written(), all.last().map_or(0, |it| it.0));
    }
}
