//! The steps of the suite, those listed as not working in a place among them.

use std::time::Duration;

use crate::kinds::Skips;

/// How long a step may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(40);
/// How long one may take that is listed as not working.
pub const HOPELESS: Duration = Duration::from_secs(2);

/// What became of each step.
pub struct Steps {
    title: String,
    skips: Skips,
    met: Vec<&'static str>,
    wrong: Vec<String>,
}

impl Steps {
    pub fn new(title: String, skips: Skips) -> Self {
        Self {
            title,
            skips,
            met: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// Takes a step and notes how it went.
    pub async fn step(&mut self, name: &str, taking: impl Future<Output = Result<(), String>>) {
        let title = &self.title;
        let listed = self.skips.iter().find(|(step, _)| *step == name);
        // treino waits for minutes for what AWS takes long to do; here it is done at once or never.
        let most = if listed.is_some() { HOPELESS } else { PATIENCE };
        let result = tokio::time::timeout(most, taking).await;
        let result = result.unwrap_or_else(|_| Err(format!("no end in {} s", most.as_secs())));
        match (result, listed) {
            (Ok(()), None) => {}
            (Err(why), None) => self.wrong.push(format!("{name}: {why}")),
            (Err(why), Some((step, reason))) => {
                println!("{title}: skipped `{name}`, as {reason} ({why})");
                self.met.push(step);
            }
            (Ok(()), Some((step, reason))) => {
                self.met.push(step);
                let text = format!("{name}: works here, strike it from the list ({reason})");
                self.wrong.push(text);
            }
        }
    }

    /// Fails with everything that went wrong.
    pub fn end(self) {
        let unmet = self
            .skips
            .iter()
            .filter(|(step, _)| !self.met.contains(step));
        let unmet = unmet.map(|(step, _)| format!("{step}: listed, but there is no such step"));
        let wrong: Vec<String> = self.wrong.into_iter().chain(unmet).collect();
        assert!(
            wrong.is_empty(),
            "{}:\n- {}",
            self.title,
            wrong.join("\n- ")
        );
    }
}
