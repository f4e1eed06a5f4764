//! The pages of `treino class deploy --handout` and `treino class handout`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::class::Students;
use super::options::Parameters;
use super::terminal::Terminal;
use super::{Error, Exit};
use crate::class::{self, ClassHandouts, HandoutClass, StudentHandout};
use crate::engine::{Leftover, ProviderError};
use crate::ops::{self, ClassEvent, Event, Frontend, HandoutExtent, HandoutWords, SessionOptions};
use crate::report::handout::{
    self, HandoutFolder, HandoutLanguage, IndexEntry, IndexPage, UnwrittenPage,
};

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
            words: pages.words(),
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

    /// Words for what commands are tried with, in the language of the pages.
    pub(super) fn words(&self) -> HandoutWords {
        self.language.words()
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
            of_roster: all.students.len(),
        };
        let (mut pages, mut missing) = (0, 0);
        let mut unwritten = Vec::new();
        for one in &all.students {
            let (file, reason) = match self.write_one(&all.stack, one, terminal) {
                Ok((file, reason)) => (file, reason),
                Err(page) => {
                    let why = page.why.clone();
                    unwritten.push(page);
                    (None, Some(why))
                }
            };
            let name = HandoutFolder::name(&all.stack, &one.owner);
            pages += usize::from(file.is_some());
            missing += usize::from(reason.is_some());
            let entry = IndexEntry {
                owner: &one.owner,
                name: one.name.as_deref(),
                handout: one.handout.as_ref(),
                file: self.folder.has_page(&name).then_some(name),
                reason,
            };
            if entry.handout.is_some() || entry.file.is_some() || entry.reason.is_some() {
                index.students.push(entry);
            }
        }
        let page = handout::index(&index, self.language);
        let written = self
            .folder
            .write(&self.folder.index_name(&all.stack), &page);
        let path = written.as_ref().ok();
        terminal.event(&Event::Class(ClassEvent::Handouts {
            index: path.map(|path| path.display().to_string()),
            pages,
        }));
        let why = match &written {
            Ok(_) if unwritten.is_empty() => return Ok(missing == 0),
            Err(page) => page.why.clone(),
            Ok(_) => format!(
                "{} not written, named above",
                crate::source::counted(unwritten.len(), "page")
            ),
        };
        let mut all_unwritten = unwritten.iter().chain(written.as_ref().err());
        let way_out = if all_unwritten.any(|page| page.is_foreign) {
            "move what treino did not write away, or name another folder: then "
        } else {
            ""
        };
        let (option, path) = (self.option, self.path.display());
        let error = ProviderError::new(format!("{option}: {path}: {why}"));
        let help = format!(
            "{way_out}`treino class handout` with the same stack file and roster writes the pages again"
        );
        Err(Error::Provider(
            error.with_leftover(Leftover::Nothing).help(help),
        ))
    }

    /// The file of a student's page, or why there is none to write; neither for a student who is not meant.
    ///
    /// # Errors
    /// It could not be written.
    fn write_one(
        &self,
        stack: &str,
        one: &StudentHandout,
        terminal: &Terminal,
    ) -> Result<(Option<String>, Option<String>), UnwrittenPage> {
        let name = HandoutFolder::name(stack, &one.owner);
        let written = match (&one.handout, &one.reason) {
            (None, None) => return Ok((None, None)),
            (None, Some(reason)) => Ok((None, Some(reason.clone()))),
            (Some(handout), _) => {
                let page = handout::page(handout, self.language);
                let written = self.folder.write(&name, &page);
                written.map(|path| (Some(path.display().to_string()), None))
            }
        };
        let (file, reason) = match &written {
            Ok((file, reason)) => (file.clone(), reason.clone()),
            Err(page) => (None, Some(page.why.clone())),
        };
        terminal.event(&Event::Class(ClassEvent::Handout {
            owner: one.owner.clone(),
            file,
            deployed: one
                .handout
                .as_ref()
                .is_some_and(|one| one.deployed == HandoutExtent::All),
            reason,
        }));
        written
    }
}
