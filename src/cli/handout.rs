//! The pages of `treino class deploy --handout` and `treino class handout`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::class::Students;
use super::options::Parameters;
use super::terminal::Terminal;
use super::{Error, Exit};
use crate::class::{self, ClassHandouts, HandoutClass, StudentHandout};
use crate::engine::{Leftover, ProviderError};
use crate::ops::{self, ClassEvent, Event, Frontend, SessionOptions};
use crate::report::handout::{self, HandoutFolder, HandoutLanguage, IndexEntry, IndexPage};

/// The language of a page.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PageLanguage {
    /// English
    En,
    /// Portuguese, as in Brazil
    #[value(alias = "pt-BR", alias = "pt-br")]
    Pt,
}

/// Write a web page for each student: names, states, commands, and when it ends
///
/// It looks at what is deployed, and changes nothing. Pages of an earlier time are replaced; other files stay.
#[derive(Debug, Args)]
pub struct HandoutClassArgs {
    /// The stack file, or its folder [default: stack.yaml in this folder]
    #[arg(value_name = "STACK.yaml")]
    stack: Option<PathBuf>,
    #[command(flatten)]
    students: Students,
    /// The folder that the pages are written into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The language of the pages
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value = "en")]
    lang: PageLanguage,
    #[command(flatten)]
    parameters: Parameters,
}

impl HandoutClassArgs {
    pub(super) async fn run(
        self,
        base: &SessionOptions,
        terminal: &Terminal,
    ) -> Result<Exit, Error> {
        let pages = HandoutPages::prepare("--out", &self.out, self.lang)?;
        let options = HandoutClass {
            file: ops::stack_file(self.stack.as_deref())?,
            class: self.students.into(),
            set: self.parameters.values()?,
        };
        let made = class::handouts(base, &options, terminal).await?;
        Ok(if pages.write(&made, terminal)? {
            Exit::Done
        } else {
            Exit::Failed
        })
    }
}

/// Where pages are written, and in which language.
pub(super) struct HandoutPages {
    option: &'static str,
    path: PathBuf,
    folder: HandoutFolder,
    language: HandoutLanguage,
}

impl HandoutPages {
    /// Refuses a folder that cannot be written to, before anything else is done. `option` names it.
    pub(super) fn prepare(
        option: &'static str,
        path: &Path,
        language: PageLanguage,
    ) -> Result<Self, Error> {
        let folder = HandoutFolder::prepare(path).map_err(|why| {
            let path = path.display();
            Error::Usage(format!(
                "{option}: no pages can be written into {path}: {why}; nothing was changed"
            ))
        })?;
        Ok(Self {
            option,
            path: path.to_path_buf(),
            folder,
            language: match language {
                PageLanguage::En => HandoutLanguage::English,
                PageLanguage::Pt => HandoutLanguage::Portuguese,
            },
        })
    }

    /// Writes a page for each student, and one for the teacher. Returns whether every student who is meant has one.
    ///
    /// # Errors
    /// One of them cannot be written.
    pub(super) fn write(&self, all: &ClassHandouts, terminal: &Terminal) -> Result<bool, Error> {
        let mut index = IndexPage {
            stack: &all.stack,
            description: &all.description,
            students: Vec::new(),
        };
        let (mut pages, mut missing, mut unwritten) = (0, 0, 0);
        for one in &all.students {
            let (file, reason) = self.write_one(&all.stack, one, terminal);
            let name = HandoutFolder::name(&all.stack, &one.owner);
            pages += usize::from(file.is_some());
            missing += usize::from(reason.is_some());
            unwritten += usize::from(reason.is_some() && one.handout.is_some());
            index.students.push(IndexEntry {
                owner: &one.owner,
                name: one.name.as_deref(),
                handout: one.handout.as_ref(),
                file: self.folder.has_page(&name).then_some(name),
                reason,
            });
        }
        let page = handout::index(&index, self.language);
        let written = self.folder.write(HandoutFolder::index_name(), &page);
        let path = written.as_ref().ok();
        terminal.event(&Event::Class(ClassEvent::Handouts {
            index: path.map(|path| path.display().to_string()),
            pages,
        }));
        let why = match (&written, unwritten) {
            (Ok(_), 0) => return Ok(missing == 0),
            (Err(why), _) => why.clone(),
            (Ok(_), unwritten) => format!(
                "{} not written, named above",
                crate::source::counted(unwritten, "page")
            ),
        };
        let (option, path) = (self.option, self.path.display());
        let error = ProviderError::new(format!("{option}: {path}: {why}"));
        let help =
            "`treino class handout` with the same stack file and roster writes the pages again";
        Err(Error::Provider(
            error.with_leftover(Leftover::Nothing).help(help),
        ))
    }

    /// The file of a student's page, or why there is none; neither for a student who is not meant.
    fn write_one(
        &self,
        stack: &str,
        one: &StudentHandout,
        terminal: &Terminal,
    ) -> (Option<String>, Option<String>) {
        let name = HandoutFolder::name(stack, &one.owner);
        let (file, reason) = match (&one.handout, &one.reason) {
            (None, None) => return (None, None),
            (None, Some(reason)) => (None, Some(reason.clone())),
            (Some(handout), _) => {
                let page = handout::page(handout, self.language);
                match self.folder.write(&name, &page) {
                    Ok(path) => (Some(path.display().to_string()), None),
                    Err(why) => (None, Some(why)),
                }
            }
        };
        terminal.event(&Event::Class(ClassEvent::Handout {
            owner: one.owner.clone(),
            file: file.clone(),
            deployed: one.handout.as_ref().is_some_and(|one| one.deployed),
            reason: reason.clone(),
        }));
        (file, reason)
    }
}
