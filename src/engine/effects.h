#pragma once
// What the engine asks of its host (effects), and what the host tells it back (events).

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "engine/ids.h"
#include "engine/mail_account.h"
#include "engine/notices.h"
#include "routes/hello.h"
#include "routes/mdns.h"
#include "routes/route.h"
#include "wire/home_link.h"

namespace godwit::engine {

// ---- effects ------------------------------------------------------------------------------------------------------

/// Open a pipe. Answer with PipeOpened, or PipeClosed if it cannot be had.
struct OpenPipe {
  PipeId pipe;
  routes::Route route;
  Bytes early;                                   ///< the first bytes, to be sent with the opening if the carrier can
  std::optional<wire::CertificatePin> pin = {};  ///< what the TLS of the route has to show, if the invite said so
  /// TLS tickets and whatever else a carrier remembers go from one pipe to another of the same compartment only: they would show
  /// whoever ends the TLS, a home too, which mailbox and chats are one person's.
  Bytes compartment = {};
  routes::HelloKind hello = routes::HelloKind::kPlain;  ///< how the TLS of our own carriers looks
};
/// What of an OpenPipe says how the home is reached: for a further pipe that goes the same way.
struct HomeWay {
  routes::Route route;
  std::optional<wire::CertificatePin> pin = {};
  routes::HelloKind hello = routes::HelloKind::kPlain;
};
/// Send bytes on an open pipe, in order.
struct SendBytes {
  PipeId pipe;
  Bytes bytes;
};
/// Close a pipe; no more events of it are wanted.
struct ClosePipe {
  PipeId pipe;
};
/// One change to a record; no value removes it. Values are sealed; keys tell nothing but kinds, ids and counts.
struct RecordChange {
  Bytes key;
  std::optional<Bytes> value;
};
/// Write all changes or none, durably, then answer with BatchStored (or BatchFailed). Batches in their order.
struct StoreBatch {
  BatchId batch;
  std::vector<RecordChange> changes;
};
/// Read at most `count_max` records with keys in [first, last), from the end if `backwards`; answer with RecordsLoaded.
struct LoadRecords {
  LoadId load;
  Bytes first;
  Bytes last;
  uint32_t count_max;
  bool backwards;
};
/// Tell people or programs.
struct Tell {
  Notice notice;
};
/// Read `size` bytes of a file from `offset` on; answer with FileRead. `size` 0: only look at it.
struct ReadFile {
  FileOpId op;
  std::string source;
  uint64_t offset;
  uint32_t size;
};
/// Write bytes of a file that comes in, in order, into a part file that belongs to `part` and lies where `destination` will be;
/// answer with FileWritten. What stands there from `offset` on is cut off before; kPartMissing if less than that stands there.
struct WriteFile {
  FileOpId op;
  std::string destination;
  MessageId part;
  uint64_t offset;
  Bytes bytes;
  bool durable;  ///< All up to here survives whatever happens, before it is answered.
};
/// The part file has all of its `size` bytes: give it its name, which is `destination`, or `name` or one like it in the folder
/// `destination`. Nothing that is there is replaced. Answer with FileWritten.
struct FinishFile {
  FileOpId op;
  std::string destination;
  MessageId part;
  std::string name;
  uint64_t size;
};
/// The part file is of no use any more. No answer.
struct DropFile {
  std::string destination;
  MessageId part;
};
/// Fetch a text of at most kFetchedTextMax bytes by HTTPS, from a public address only (a contact may have named it),
/// and tell it by TextFetched. What it says is checked here.
struct FetchText {
  std::string url;
};
/// Look into the mailbox of this account from now on, every minute or so, and hand over whatever looks like a sealed reply as
/// LetterCame. None: look no more. It comes before any SendSealed, which goes out by the same account.
struct WatchMail {
  std::optional<MailAccount> account;
};
/// Send `bytes` in a letter to the mail address `mail`; answer with LetterSent or LetterFailed.
struct SendSealed {
  LetterId letter;
  std::string mail;
  Bytes bytes;
};
/// What to do on the local network from now on; it replaces what was said before (docs/protocol/carrier-lan.md).
struct LanWatch {
  bool on = false;                       ///< False: nothing at all; no socket for it is open, connections are closed.
  std::vector<routes::LanName> own;      ///< Answer to these; tell nobody that there are others.
  std::vector<routes::LanName> wanted;   ///< Ask for these, and dial who answers: LanOpened.
  std::vector<routes::LanName> distant;  ///< As wanted, from the third asking on: names of those whose clock is wrong.
  friend bool operator==(const LanWatch&, const LanWatch&) = default;
};
/// Send bytes on a connection of the local network, in order.
struct LanSend {
  LanId lan;
  Bytes bytes;
};
/// Close a connection of the local network, after what was sent; no more events of it are wanted.
struct LanClose {
  LanId lan;
};
/// Anything the engine asks for.
using Effect = std::variant<OpenPipe, SendBytes, ClosePipe, StoreBatch, LoadRecords, Tell, ReadFile, WriteFile,
                            FinishFile, DropFile, FetchText, WatchMail, SendSealed, LanWatch, LanSend,
                            LanClose>;

/// Bytes that a FetchText may bring: a bulletin is far smaller.
constexpr size_t kFetchedTextMax = 16 * 1024;

// ---- events -------------------------------------------------------------------------------------------------------

/// Bytes may be sent on the pipe.
struct PipeOpened {
  PipeId pipe;
};
/// What came on a pipe, in order, however it was cut.
struct PipeBytes {
  PipeId pipe;
  Bytes bytes;
};
/// The pipe is gone, or never came. `error` says how (net/errors.h); the policy of routes goes by its name (routes/end.h).
struct PipeClosed {
  PipeId pipe;
  Error error;
};
/// The batch survives whatever happens now.
struct BatchStored {
  BatchId batch;
};
/// Nothing of the batch was stored. The engine tells, sends nothing that depends on it, and tries again later with what
/// came after it; after a kStop it does nothing more.
struct BatchFailed {
  BatchId batch;
  Error error;
};
/// What a LoadRecords asked for, in key order or from the end.
struct RecordsLoaded {
  LoadId load;
  std::vector<std::pair<Bytes, Bytes>> records;
};
/// At which address (as text) the host of a pipe's route was reached, where it had a name: so that it can be reached when the
/// name is not resolved any more. After PipeOpened, or instead of nothing.
struct AddressWorked {
  PipeId pipe;
  std::string address;
};
/// The device is on another network, or awake again: all pipes are given up. `network` names it in at most 32 bytes that the
/// host makes up (a hash of what the system tells); empty: not known.
struct NetworkChanged {
  Bytes network;
};
/// Of ReadFile.
struct FileRead {
  FileOpId op;
  Bytes bytes;           ///< As many as were asked for, fewer at the file's end.
  uint64_t size = 0;     ///< Of the whole file.
  uint64_t version = 0;  ///< Changes when the file does, as far as the system tells.
  std::optional<Error> error;
};
/// Of WriteFile and FinishFile.
struct FileWritten {
  FileOpId op;
  std::string path;  ///< Of FinishFile: where it is now.
  std::optional<Error> error;
};
/// What a FetchText brought; empty: nothing.
struct TextFetched {
  std::string url;
  std::string text;
};
/// The provider has taken the letter.
struct LetterSent {
  LetterId letter;
};
/// The letter could not be handed in. It is made anew later.
struct LetterFailed {
  LetterId letter;
  Error error;
};
/// Bytes that came by mail: perhaps a sealed reply. Anything may be in them.
struct LetterCame {
  Bytes bytes;
};
/// There is a connection on the local network: to the one who answered to `dialled`, or from somebody who came.
struct LanOpened {
  LanId lan;
  std::optional<routes::LanName> dialled;
};
/// What came on it, in order, however it was cut.
struct LanBytes {
  LanId lan;
  Bytes bytes;
};
/// It is gone.
struct LanClosed {
  LanId lan;
};
/// Anything the host reports.
using Event =
    std::variant<PipeOpened, PipeBytes, PipeClosed, BatchStored, BatchFailed, RecordsLoaded, AddressWorked,
                 NetworkChanged, FileRead, FileWritten, TextFetched, LetterSent, LetterFailed, LetterCame,
                 LanOpened, LanBytes, LanClosed>;

}  // namespace godwit::engine
