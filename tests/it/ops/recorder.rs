//! A frontend that keeps what it is told.

use std::sync::Mutex;

use treino::ops::{Error, Event, Frontend, FrontendFuture, Question};

/// Keeps every event and question, and gives one answer to all of them.
pub struct Recorder {
    answer: bool,
    events: Mutex<Vec<Event>>,
    questions: Mutex<Vec<String>>,
}

impl Recorder {
    pub fn answering(answer: bool) -> Self {
        Self {
            answer,
            events: Mutex::default(),
            questions: Mutex::default(),
        }
    }

    /// How many events have this name.
    pub fn count(&self, name: &str) -> usize {
        let events = self.events.lock().unwrap();
        let named = events.iter().filter(|event| {
            let event = serde_json::to_value(event).unwrap();
            event["event"].as_str() == Some(name)
        });
        named.count()
    }

    /// Every event of this name, as JSON.
    pub fn named(&self, name: &str) -> Vec<serde_json::Value> {
        let events = self.events.lock().unwrap();
        let events = events
            .iter()
            .map(|event| serde_json::to_value(event).unwrap());
        events.filter(|event| event["event"] == name).collect()
    }

    pub fn questions(&self) -> Vec<String> {
        self.questions.lock().unwrap().clone()
    }

    /// All that was told, as JSON and as the values are in the process.
    pub fn everything(&self) -> String {
        let events = self.events.lock().unwrap();
        let mut texts = self.questions();
        for event in events.iter() {
            texts.push(serde_json::to_string(event).unwrap());
            texts.push(format!("{event:?}"));
        }
        texts.join("\n")
    }
}

impl Frontend for Recorder {
    fn event(&self, event: &Event) {
        self.events.lock().unwrap().push(event.clone());
    }

    fn can_ask(&self) -> bool {
        true
    }

    fn confirm<'a>(&'a self, question: &'a Question) -> FrontendFuture<'a, Result<bool, Error>> {
        self.questions.lock().unwrap().push(question.text.clone());
        Box::pin(async { Ok(self.answer) })
    }
}
