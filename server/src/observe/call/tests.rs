use std::sync::Mutex;

use super::*;
use crate::privacy::Redacted;

#[derive(Clone, Default)]
struct Endings(Arc<Mutex<Vec<Ending>>>);

impl Sink for Endings {
    fn take(&self, event: &Arc<Redacted<CallEvent>>) {
        self.0.lock().unwrap().push(event.get().ending);
    }
}

#[test]
fn a_call_that_is_dropped_was_cancelled_and_one_that_panics_failed() {
    let endings = Endings::default();
    let observer = Observer::new(vec![Box::new(endings.clone())], Privacy::default());
    drop(observer.begin(Arrival::default()));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _call = observer.begin(Arrival::default());
        panic!("a bug");
    }));
    assert!(panicked.is_err());
    assert_eq!(
        *endings.0.lock().unwrap(),
        [Ending::Cancelled, Ending::Error(INTERNAL_ERROR)]
    );
}

struct Broken;

impl Sink for Broken {
    fn take(&self, _: &Arc<Redacted<CallEvent>>) {
        panic!("a sink's bug");
    }
}

#[test]
fn a_sinks_bug_costs_neither_the_call_nor_the_other_sinks() {
    let endings = Endings::default();
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(Broken), Box::new(endings.clone())];
    let observer = Observer::new(sinks, Privacy::default());
    observer.begin(Arrival::default()).finish(Ending::Answered);
    // Ending while something else panics, where another panic would end the process.
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _call = observer.begin(Arrival::default());
        panic!("a bug");
    }));
    assert!(panicked.is_err());
    assert_eq!(
        *endings.0.lock().unwrap(),
        [Ending::Answered, Ending::Error(INTERNAL_ERROR)]
    );
}
