//! Files on disk: opened without following links, created anew, and replaced as a whole.
//!
//! A run folder may have been packed by somebody else. A link in it could lead to any file of the
//! user, and a named pipe or a device could block for ever. Everything that deme reads from or
//! writes into a run folder therefore comes through this module, with three rules:
//!
//! - *Regular*: [`open`] and [`read`] open regular files only and never follow a link. The folder
//!   itself may be reached through a link.
//! - *New*: a file that is written is created under a name that did not exist.
//! - *Whole*: [`replace`] writes a draft, syncs it and renames it. A reader finds the old file or
//!   the new one, even if the process or the machine stops in between.
//!
//! Files that the user names, such as those of `deme report`, are written as a whole, too:
//! [`write()`] and [`write_all`] follow links, because the user chose them.
//!
//! # Example
//!
//! ```
//! use deme::files;
//! let folder = std::env::temp_dir();
//! let name = format!("deme-files-{}", std::process::id());
//! files::replace(&folder, &name, b"whole")?;
//! assert_eq!(files::read(&folder.join(&name))?.as_deref(), Some(&b"whole"[..]));
//! # std::fs::remove_file(folder.join(&name)).expect("the file of this example");
//! assert_eq!(files::read(&folder.join(&name))?, None);
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::ffi::OsString;
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Opens a regular file for reading; returns `None` if there is nothing of this name.
///
/// # Errors
/// Returns [`Error::File`] if the name belongs to a link, a folder, a named pipe or a device, or if
/// the file may not be read, and [`Error::Io`] if the system fails.
pub fn open(path: &Path) -> Result<Option<File>> {
    open_with(path, OpenOptions::new().read(true))
}

/// Reads a regular file; returns `None` if there is nothing of this name.
///
/// # Errors
/// Returns the errors of [`open`].
pub fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let Some(mut file) = open(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io_error("reading", path))?;
    Ok(Some(bytes))
}

/// Opens a regular file for reading and for writing at its end; returns `None` if there is nothing
/// of this name.
///
/// # Errors
/// Returns the errors of [`open`], and [`Error::File`] if the file has other names (hard links),
/// because a change would reach the files of those names.
pub fn open_to_append(path: &Path) -> Result<Option<File>> {
    let Some(file) = open_with(path, OpenOptions::new().read(true).append(true))? else {
        return Ok(None);
    };
    match names(&file, path)? {
        1 => Ok(Some(file)),
        names => Err(irregular(path, &format!("one with {names} names (hard links)"))),
    }
}

/// Creates a file under a name that does not exist.
///
/// # Errors
/// Returns an error if the name exists or the file cannot be created.
pub fn create_new(path: &Path) -> Result<File> {
    File::create_new(path).map_err(io_error("creating", path))
}

/// True if a folder has something of this name, even a link that leads nowhere.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Replaces a file in a folder, completely or not at all. A link of this name is replaced and not
/// followed.
///
/// # Errors
/// Returns an error if writing fails. A previous file is then unchanged, and no draft is left.
pub fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    Draft::write(&folder.join(name), bytes)?.publish()
}

/// Writes a file that the user named, completely or not at all.
///
/// # Errors
/// Returns the errors of [`write_all`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_all(&[(path, bytes)])
}

/// Writes files that the user named: all of them, or none. A link is followed; a device or a pipe
/// receives the bytes as they are.
///
/// # Errors
/// Returns [`Error::Invalid`] if two paths lead to one file, or a path cannot be written to, and
/// [`Error::Io`] if the disk fails. Every previous file is then unchanged.
pub fn write_all(files: &[(&Path, &[u8])]) -> Result<()> {
    let mut batch = FileBatch::default();
    files.iter().try_for_each(|(path, bytes)| batch.add(path, bytes))?;
    batch.publish()
}

/// Files that are written together: all of them, or none.
#[derive(Default)]
pub struct FileBatch<'a> {
    drafts: Vec<Draft>,
    /// The devices and pipes, which receive their bytes at the end.
    streams: Vec<(&'a Path, &'a [u8])>,
}

impl<'a> FileBatch<'a> {
    /// Adds a file that the user named, as [`write_all`] does.
    ///
    /// # Errors
    /// Returns the errors of [`write_all`].
    pub fn add(&mut self, path: &'a Path, bytes: &'a [u8]) -> Result<()> {
        let Target::File(target) = target(path)? else {
            self.streams.push((path, bytes));
            return Ok(());
        };
        self.expect_new(path, &target)?;
        let draft = Draft::write(&target, bytes).map_err(|error| unwritable(path, error))?;
        draft.take_permissions();
        self.drafts.push(draft);
        Ok(())
    }

    /// Adds a file of a folder, as [`replace`] does: no link is followed.
    ///
    /// # Errors
    /// Returns an error if another file of the batch is the same, or writing fails.
    pub fn replace(&mut self, folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
        let path = folder.join(name);
        // The path that a file of the user has, if it is this one.
        let target = folder.canonicalize().map_err(io_error("opening", folder))?.join(name);
        self.expect_new(&path, &target)?;
        self.drafts.push(Draft::write(&target, bytes)?);
        Ok(())
    }

    /// Gives all files their names.
    ///
    /// # Errors
    /// Returns an error if a device or a pipe takes no bytes, or if the system refuses a name.
    pub fn publish(self) -> Result<()> {
        for (path, bytes) in self.streams {
            open_stream(path)?.write_all(bytes).map_err(io_error("writing", path))?;
        }
        self.drafts.into_iter().try_for_each(Draft::publish)
    }

    fn expect_new(&self, path: &Path, target: &Path) -> Result<()> {
        match self.drafts.iter().any(|draft| draft.target == target) {
            false => Ok(()),
            true => {
                let what = path.display().to_string();
                Err(Error::invalid(what, "a file for each output", "one file for two"))
            }
        }
    }
}

/// Writes a file that the user named piece by piece, completely or not at all.
///
/// # Errors
/// Returns the errors of `produce` and of [`write_all`].
pub fn stream(path: &Path, produce: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let (file, draft) = match target(path)? {
        Target::Stream => (open_stream(path)?, None),
        Target::File(target) => {
            let (file, draft) = Draft::create(&target).map_err(|error| unwritable(path, error))?;
            draft.take_permissions();
            (file, Some(draft))
        }
    };
    let failed = |source| io_error("writing", path)(source);
    let mut to = BufWriter::new(file);
    match produce(&mut to) {
        Err(Error::Io { source, .. }) => return Err(failed(source)),
        produced => produced?,
    }
    let file = to.into_inner().map_err(|error| failed(error.into_error()))?;
    let Some(draft) = draft else { return Ok(()) };
    file.sync_all().map_err(io_error("syncing", path))?;
    draft.publish()
}

/// Converts an error of the system during an operation on a file.
pub(crate) fn io_error(
    doing: &'static str,
    path: &Path,
) -> impl Fn(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { doing, path: path.clone(), source }
}

/// True if an error of the system is about the path that the user named: it does not exist, may not
/// be used, or is of another kind. Other errors are those of the machine, such as a full disk.
pub(crate) fn is_about_the_path(source: &std::io::Error) -> bool {
    matches!(
        source.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
    )
}

/// A file that is complete, but not yet under its name. It is removed unless it is published.
struct Draft {
    target: PathBuf,
    /// The path of the draft; `None` once it is published.
    path: Option<PathBuf>,
}

impl Draft {
    /// Creates the draft of a file beside it.
    fn create(target: &Path) -> Result<(File, Self)> {
        let mut name = OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(".part");
        let path = target.with_file_name(name);
        // A killed process may have left a draft. Removing a link does not touch what it leads to.
        let _ = fs::remove_file(&path);
        let file = create_new(&path)?;
        Ok((file, Self { target: target.into(), path: Some(path) }))
    }

    /// Writes the draft of a file beside it.
    fn write(target: &Path, bytes: &[u8]) -> Result<Self> {
        let (mut file, draft) = Self::create(target)?;
        file.write_all(bytes).map_err(io_error("writing", target))?;
        file.sync_all().map_err(io_error("syncing", target))?;
        Ok(draft)
    }

    /// Takes over the permissions of the file that it replaces, as far as the system lets it.
    fn take_permissions(&self) {
        if let (Ok(old), Some(path)) = (self.target.metadata(), &self.path) {
            let _ = fs::set_permissions(path, old.permissions());
        }
    }

    /// Gives the file its name.
    fn publish(mut self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        fs::rename(path, &self.target).map_err(io_error("renaming", path))?;
        self.path = None;
        // The new name is on the disk once its folder is synced. Some systems cannot open a folder.
        if let Ok(folder) = File::open(parent(&self.target)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // The draft takes space that the disk may lack. A failure to remove it is not reported.
            let _ = fs::remove_file(path);
        }
    }
}

/// The target of an output.
enum Target {
    /// A regular file, with the links on the way to it resolved, or a new one.
    File(PathBuf),
    /// A device or a pipe.
    Stream,
}

/// Finds the target of an output that the user named.
fn target(path: &Path) -> Result<Target> {
    let refused = |source| unwritable(path, io_error("opening", path)(source));
    match path.metadata() {
        Ok(found) if found.is_file() => {
            // A file that may not be written to is not replaced either.
            OpenOptions::new().write(true).open(path).map_err(refused)?;
            path.canonicalize().map(Target::File).map_err(refused)
        }
        Ok(found) if found.is_dir() => Err(refused(ErrorKind::IsADirectory.into())),
        Ok(_) => Ok(Target::Stream),
        Err(source) if source.kind() == ErrorKind::NotFound && !exists(path) => {
            let name = path.file_name().ok_or_else(|| refused(ErrorKind::IsADirectory.into()))?;
            let folder = parent(path).canonicalize().map_err(refused)?;
            Ok(Target::File(folder.join(name)))
        }
        Err(source) => Err(refused(source)),
    }
}

fn open_stream(path: &Path) -> Result<File> {
    let opened = OpenOptions::new().write(true).open(path);
    opened.map_err(|source| unwritable(path, io_error("opening", path)(source)))
}

/// Turns an error about a path that the user named into one about the input.
fn unwritable(path: &Path, error: Error) -> Error {
    match error {
        Error::Io { source, .. } if is_about_the_path(&source) => {
            Error::invalid(path.display().to_string(), "a file that can be written", source)
        }
        other => other,
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn open_with(path: &Path, options: &mut OpenOptions) -> Result<Option<File>> {
    // The first look says what is there without opening it. The file that was opened is looked at
    // once more, because another process may have replaced it in between.
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(unreadable(path, source)),
    };
    if !found.is_file() {
        return Err(irregular(path, kind(found.file_type())));
    }
    let file = without_links(options).open(path).map_err(|source| unreadable(path, source))?;
    let opened = file.metadata().map_err(|source| unreadable(path, source))?;
    match opened.is_file() {
        true => Ok(Some(file)),
        false => Err(irregular(path, kind(opened.file_type()))),
    }
}

/// Makes an opening fail on a link, and not wait for the other end of a pipe.
#[cfg(unix)]
fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

/// Makes an opening open a link itself, which is no regular file.
#[cfg(windows)]
fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
}

#[cfg(not(any(unix, windows)))]
fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Returns the number of names that a file has.
#[cfg(unix)]
fn names(file: &File, path: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata().map_err(io_error("reading", path))?.nlink())
}

/// Returns one name: other systems do not say how many there are.
#[cfg(not(unix))]
fn names(_: &File, _: &Path) -> Result<u64> {
    Ok(1)
}

/// Returns the kind of something that is no regular file, in words.
fn kind(found: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if found.is_fifo() {
            return "a named pipe";
        }
        if found.is_socket() {
            return "a socket";
        }
        if found.is_char_device() || found.is_block_device() {
            return "a device";
        }
    }
    match (found.is_symlink(), found.is_dir()) {
        (true, _) => "a symbolic link",
        (_, true) => "a folder",
        _ => "something else",
    }
}

fn irregular(path: &Path, got: &str) -> Error {
    let problem = format!(
        "expected a file of this folder alone, got {got}; deme follows no links and opens no \
         devices there: put a copy of the file in its place, or remove it"
    );
    Error::File { path: path.into(), line: 0, problem }
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    if is_about_the_path(&source) {
        let problem = format!("expected a file that can be opened, got: {source}");
        return Error::File { path: path.into(), line: 0, problem };
    }
    io_error("opening", path)(source)
}
