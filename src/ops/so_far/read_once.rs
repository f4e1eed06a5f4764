//! What several resources ask for is read once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

/// What was read of each name.
pub(super) struct ReadOnce<T>(Mutex<BTreeMap<String, Arc<OnceCell<T>>>>);

impl<T> Default for ReadOnce<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> ReadOnce<T> {
    /// What is known of a name; it is read if nobody has done so. Who asks meanwhile waits for it.
    ///
    /// # Errors
    /// It cannot be read. Who asks next tries again.
    pub(super) async fn of<E>(
        &self,
        name: &str,
        read: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let cell = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(name.to_owned()).or_default().clone()
        };
        cell.get_or_try_init(|| read).await.cloned()
    }
}
