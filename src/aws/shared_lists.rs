//! The lists of resources that the plans of a class share.
//!
//! The stacks of a class have the same kinds in the same account and region: thirty plans would read thirty times what the
//! account has of each kind, and AWS takes ten pages of log groups a second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::Aws;
use super::resources::ResourceCalls;
use crate::engine::ProviderError;
use crate::stack::Kind;

type Names = Result<Vec<String>, ProviderError>;
/// The lists by kind, and by the stack that is asked for.
type Lists = BTreeMap<(Kind, Option<String>), Shared<BoxFuture<'static, Names>>>;

/// Lists of names that are read once for all who plan from the same connection, while this is wanted. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct SharedLists(Arc<Mutex<Option<Lists>>>);

impl SharedLists {
    /// From now on each list is read once.
    pub fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Lists::new());
    }

    /// From now on each list is read when it is asked for.
    pub fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The names of a kind. An error of a list is that of who began it: others read it themselves.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn names<K: ResourceCalls>(aws: &Aws, stack: Option<&str>) -> Names {
        let Some((listing, is_own)) = aws.lists.shared::<K>(aws, stack) else {
            return K::list(aws, stack).await;
        };
        match listing.await {
            Err(_) if !is_own => K::list(aws, stack).await,
            names => names,
        }
    }

    /// Whether lists are shared, and that of the kind shows none of this name: then no call has to tell that there is none.
    pub async fn lack<K: ResourceCalls>(aws: &Aws, name: &str) -> bool {
        let stack = Some(aws.target.stack.as_str());
        match aws.lists.shared::<K>(aws, stack) {
            Some((listing, _)) => {
                let names = listing.await;
                names.is_ok_and(|names| !names.iter().any(|one| one == name))
            }
            None => false,
        }
    }

    /// The list of a kind, and whether it is begun by this; nothing where lists are not shared.
    fn shared<K: ResourceCalls>(
        &self,
        aws: &Aws,
        stack: Option<&str>,
    ) -> Option<(Shared<BoxFuture<'static, Names>>, bool)> {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lists = lists.as_mut()?;
        let key = (K::KIND, stack.map(String::from));
        if let Some(listing) = lists.get(&key) {
            return Some((listing.clone(), false));
        }
        // Without these lists, or each would keep the other.
        let mut aws = aws.clone();
        aws.lists = Self::default();
        let stack = key.1.clone();
        let listing = async move { K::list(&aws, stack.as_deref()).await };
        let listing = listing.boxed().shared();
        lists.insert(key, listing.clone());
        Some((listing, true))
    }
}
