#pragma once
// The courier: what is done with requests for which no session comes to stand. They are sealed to the home that they are for
// and go another way: through the own home, by mail, or in a bundle. The same requests still go over a session if one
// comes up: all of them may be repeated, and the first answer wins (docs/protocol/routes.md, "Without a session").
//
// Reply keys of what goes through the own home or by mail are in memory only. After a restart the requests are asked again,
// by whatever way there is: every one may be repeated, so a lost answer costs a round trip and nothing else. What goes into a
// bundle may come back after weeks, so its reply key is stored.
//
// courier.cc decides when; courier_letter.cc seals and opens; mail.cc has the account; courier_bundle.cc the bundles.

#include <deque>
#include <map>

#include "engine/commands.h"
#include "engine/effects.h"
#include "engine/link.h"
#include "engine/records.h"
#include "session/sealed_request.h"
#include "wire/bundle.h"

namespace godwit::engine {

struct Machine;

/// A request waits so long for a session before anything else is tried; less where that has just been the way.
constexpr Duration kCourierAfter = seconds(10);
constexpr Duration kCourierAgain = seconds(2);
/// What the own home was given to pass on and is not answered is sealed anew after this long, doubling to the second.
constexpr Duration kRelayPause = seconds(20);
constexpr Duration kRelayPauseMax = minutes(5);
/// A home that does not pass on anything is asked again after this long.
constexpr Duration kRelayRefused = hours(1);
/// Where the own home does not get through, mail is tried as well.
constexpr Duration kMailBeside = minutes(1);
/// The own mailbox is asked by mail when no session has stood for this long.
constexpr Duration kMailAfter = minutes(1);
/// A letter without an answer is sealed anew after this long, doubling to the second.
constexpr Duration kLetterPause = minutes(2);
constexpr Duration kLetterPauseMax = minutes(30);
/// The mailbox asks for news by mail so long after something happened, and then less and less often.
constexpr Duration kMailPollFirst = seconds(30);
constexpr Duration kMailPollLast = minutes(5);
/// A sealed request is good for so long at its home: letters lie about, and our clock may be a day off.
constexpr Duration kSealedLifetime = days(3);
/// The same of one in a bundle, which people carry; a home takes none that lives for more than 31 days.
constexpr Duration kBundledLifetime = days(29);
/// Letters by mail that wait for an answer at once.
constexpr size_t kLettersOutstandingMax = 16;
/// Reply keys of what goes through homes and by mail; the oldest is forgotten first.
constexpr size_t kReplyKeysMax = 128;
/// The same of what is in bundles, counted apart: their answers take weeks, and letters go every minute. Four full bundles.
constexpr size_t kStoredReplyKeysMax = size_t{4} * wire::kBundleRequestsMax;
/// Bytes of requests in one sealed request.
constexpr size_t kSealedBatchMax = 200 * 1024;
/// Bytes of items that one letter asks for.
constexpr uint32_t kMailFetchBytes = 96 * 1024;

/// The first bytes of a sealed reply, by which its key is found.
using ReplyHead = ByteArray<17>;

/// A sealed request whose answer may come.
struct Letter {
  LinkKey link;
  session::SealedReplyKey key;
  std::vector<LetterItem> items;
  bool by_mail = false;
  bool stored = false;  ///< It went into a bundle.
  uint64_t order = 0;
};

/// How one link's requests travel while it has no session.
struct CourierWay {
  // Through the own home.
  std::optional<RequestId> forward;  ///< On the link of the same chat with `forward_by`.
  wire::HomeKey forward_by;          ///< The own home then: the account may have moved since.
  Instant forward_ends{};
  Instant forward_at{};  ///< None before.
  uint32_t forward_failures = 0;
  // By mail.
  std::optional<ReplyHead> letter;  ///< The newest, while it is not answered.
  LetterId letter_id{};
  Instant letter_at{};  ///< None before.
  Duration letter_pause = kLetterPause;
  Duration poll_pause = kMailPollFirst;  ///< Of the mailbox.
  // What came of it.
  /// Asked on the link itself while another way is in use, so that the direct one goes on being tried.
  std::optional<RequestId> probe;
  Instant relayed_at{};
  Instant mailed_at{};
};

/// See above.
struct Courier {
  std::map<LinkKey, CourierWay> ways;
  std::map<ReplyHead, Letter> letters;
  uint64_t last_order = 0;
  uint64_t last_letter = 0;
  std::optional<MailAccount> account;
  bool watching = false;
  std::optional<Error> mail_trouble;
  std::optional<Instant> mail_answered;
  // What is told of it.
  bool by_mail = false;
  bool through_home = false;
};

/// Sends what is due by other ways.
void pump_courier(Machine& m, Instant& wake);
/// Takes a sealed reply, whatever brought it. False: it is none to anything that is known, or damaged.
bool take_sealed_reply(Machine& m, ByteView bytes);

// ---- courier_letter.cc ----------------------------------------------------------------------------------------------

/// What is sealed and what its answer will be to; the letter is not kept yet.
struct SealedLetter {
  Bytes bytes;
  Letter letter;
};
/// Seals what waits on a link, and what follows it in the chat's outbox; for the mailbox, its proof and a Fetch as well.
/// Nothing: there is nothing, or no key to seal to.
std::optional<SealedLetter> seal_waiting(Machine& m, const LinkKey& key, const Link& link, Duration lifetime);
/// Keeps the letter until its answer comes, or it is the oldest of too many of its kind (stored or not).
ReplyHead keep_letter(Machine& m, Letter letter);
/// Since when the oldest request of a link waits that may travel sealed; kNever if there is none.
Instant cargo_since(const Link& link);
/// True if what a link asks has lately been answered on another way.
bool has_other_way(const Machine& m, const LinkKey& key);

// ---- courier_bundle.cc ----------------------------------------------------------------------------------------------

/// Sealed requests for a bundle: of `chat` or of all chats, and for the mailbox. Their reply keys are put into the journal. At
/// most `bytes_left`, which is lowered.
std::vector<wire::SealedParcel> collect_sealed(Machine& m, const std::optional<ChatId>& chat, size_t& bytes_left);
/// What was stored.
Status restore_letter(Machine& m, LetterRecord record);

// ---- mail.cc --------------------------------------------------------------------------------------------------------

/// Takes the command SetMail.
void set_mail(Machine& m, CommandId id, const SetMail& command);
/// Takes the command ReadMail.
void read_mail(Machine& m, CommandId id);
/// What was stored.
Status restore_mail(Machine& m, MailRecord record);
/// The provider has it.
void on_letter_sent(Machine& m, const LetterSent& event);
/// The provider does not take it.
void on_letter_failed(Machine& m, const LetterFailed& event);
/// Something came by mail.
void on_letter_came(Machine& m, const LetterCame& event);

}  // namespace godwit::engine
