//! An answer that comes as a stream of events: progress first, the result last. The call ends with the stream, not when it
//! begins: until then it holds its place and its time runs. A client that goes away drops the stream, and the call with it.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::StatusCode;
use futures::{StreamExt as _, stream};
use serde_json::Value;
use tokio::time::Instant;

use super::http::Told;
use super::limit::Place;
use super::refusal;
use crate::observe::{Call, Ending};

/// How often a stream says that it is still there: proxies close what is silent for a minute.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Watched {
    events: BodyDataStream,
    /// Until it has ended.
    call: Option<Call>,
    ending: Ending,
    deadline: Instant,
    id: Value,
    _place: Place,
}

/// The same stream, whose end is the call's. At `deadline` it ends with an error for the message with this id.
pub fn watched(body: Body, call: Call, place: Place, deadline: Instant, id: Value) -> Body {
    let watched = Watched {
        events: body.into_data_stream(),
        call: Some(call),
        // Without a result nobody was answered.
        ending: Ending::Cancelled,
        deadline,
        id,
        _place: place,
    };
    Body::from_stream(stream::unfold(watched, Watched::next))
}

impl Watched {
    async fn next(mut self) -> Option<(Result<Bytes, axum::Error>, Self)> {
        let mut call = self.call.take()?;
        match tokio::time::timeout_at(self.deadline, self.events.next()).await {
            Ok(Some(Ok(event))) => {
                call.answered(event.len());
                if let Some(told) = told(&event) {
                    self.ending = told.ending(StatusCode::OK);
                    call.explain(|| told.words(StatusCode::OK));
                }
                self.call = Some(call);
                Some((Ok(event), self))
            }
            Ok(Some(Err(error))) => Some((Err(error), self)),
            Ok(None) => {
                call.finish(self.ending);
                None
            }
            Err(_) => {
                call.explain(|| Some(refusal::TOOK_TOO_LONG));
                call.finish(Ending::TimedOut);
                let error = refusal::took_too_long(&self.id);
                Some((Ok(format!("data: {error}\n\n").into()), self))
            }
        }
    }
}

/// The answer, if it is in this event.
fn told(event: &Bytes) -> Option<Told<'_>> {
    let lines = event.split(|byte| *byte == b'\n');
    let messages = lines.filter_map(|line| line.strip_prefix(b"data:"));
    messages
        .filter_map(|message| serde_json::from_slice::<Told>(message).ok())
        .rfind(Told::is_last)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;

    use axum::http::HeaderMap;
    use futures::Stream;
    use serde_json::json;

    use super::*;
    use crate::observe::{CallEvent, Observer, Sink};
    use crate::privacy::{Privacy, Redacted};
    use crate::transport::Places;
    use crate::transport::envelope::Envelope;

    #[derive(Clone, Default)]
    struct Endings(Arc<Mutex<Vec<Ending>>>);

    impl Sink for Endings {
        fn take(&self, event: &Arc<Redacted<CallEvent>>) {
            self.0.lock().unwrap().push(event.get().ending);
        }
    }

    struct Answered {
        body: BodyDataStream,
        endings: Endings,
        places: Places,
    }

    impl Answered {
        fn endings(&self) -> Vec<Ending> {
            self.endings.0.lock().unwrap().clone()
        }

        fn is_free(&self) -> bool {
            self.places.take().is_some()
        }
    }

    fn answer(events: impl Stream<Item = &'static str> + Send + 'static) -> Answered {
        let endings = Endings::default();
        let observer = Observer::new(vec![Box::new(endings.clone())], Privacy::default());
        let call = observer.begin(Envelope::read(&HeaderMap::new(), &Bytes::new()).arrival());
        let places = Places::new(1, &opentelemetry::global::meter("test"));
        let place = places.take().unwrap();
        let body = Body::from_stream(events.map(|event| Ok::<_, axum::Error>(Bytes::from(event))));
        let deadline = Instant::now() + Duration::from_secs(30);
        Answered {
            body: watched(body, call, place, deadline, json!(7)).into_data_stream(),
            endings,
            places,
        }
    }

    const PROGRESS: &str = "data: {\"method\":\"notifications/progress\",\"params\":{}}\n\n";

    #[tokio::test]
    async fn the_call_ends_with_the_stream_as_its_last_message_says() {
        for (last, ending) in [
            (
                "event: message\ndata: {\"id\":7,\"result\":{}}\n\n",
                Ending::Answered,
            ),
            (
                "data: {\"id\":7,\"result\":{\"isError\":true}}\n\n",
                Ending::ToolError,
            ),
            (
                "data: {\"id\":7,\"error\":{\"code\":-32603}}\n\n",
                Ending::Error(-32603),
            ),
            (": still there\n\n", Ending::Cancelled),
        ] {
            let mut answered = answer(stream::iter([PROGRESS, last, ": end\n\n"]));
            for _ in 0..3 {
                answered.body.next().await.unwrap().unwrap();
                assert!(answered.endings().is_empty() && !answered.is_free());
            }
            assert!(answered.body.next().await.is_none());
            assert_eq!(answered.endings(), [ending], "{last}");
            assert!(answered.is_free());
        }
    }

    #[tokio::test]
    async fn a_client_that_leaves_takes_the_call_with_it() {
        let mut answered = answer(stream::iter([PROGRESS]).chain(stream::pending()));
        answered.body.next().await.unwrap().unwrap();
        answered.body = Body::empty().into_data_stream();
        assert_eq!(answered.endings(), [Ending::Cancelled]);
        assert!(answered.is_free());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_does_not_end_is_ended_with_an_error() {
        let mut answered = answer(stream::iter([PROGRESS]).chain(stream::pending()));
        answered.body.next().await.unwrap().unwrap();
        let last = answered.body.next().await.unwrap().unwrap();
        let last: Value = serde_json::from_slice(last.strip_prefix(b"data: ").unwrap()).unwrap();
        assert_eq!(
            (&last["id"], &last["error"]["code"]),
            (&json!(7), &json!(-32603))
        );
        assert!(answered.body.next().await.is_none());
        assert_eq!(answered.endings(), [Ending::TimedOut]);
        assert!(answered.is_free());
    }
}
