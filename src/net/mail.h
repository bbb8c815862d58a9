#pragma once
// Carries sealed bytes by ordinary mail: hands in letters and watches a mailbox, on threads of its own, and says what came of it on the loop.
// It repeats nothing that was handed in; watching it goes on until it is told to stop. Form of the letters: docs/protocol/carrier-mail.md.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "net/event_loop.h"
#include "net/mail_account.h"
#include "net/mail_curl.h"
#include "net/mail_message.h"

namespace godwit::net {

/// A letter with sealed bytes that lies in the mailbox.
struct MailLetter {
  uint64_t id = 0;           ///< for finish()
  LetterHead head;           ///< whatever a stranger has written there
  bool answers_own = false;  ///< it answers a letter that was written with this key
  Bytes attachment;
};

/// What is told, on the loop's thread. The carrier may be destroyed from inside, or given work.
struct MailEvents {
  /// A letter with sealed bytes is there; finish() is wanted for each. The same letter comes again after a restart if it was kept or never finished.
  std::function<void(MailLetter)> on_letter;
  /// A letter of ours, by its Message-ID, came back to us.
  std::function<void(const std::string& message_id)> on_returned = {};
  /// The mailbox cannot be watched at the moment; it is tried again. Told at each attempt.
  std::function<void(Error)> on_trouble = {};
  /// It is watched: for the first time, or again after trouble.
  std::function<void()> on_watching = {};
};

/// What a carrier may be told.
struct MailOptions {
  MailReach reach = {};
  std::string language = {};  ///< of the letters' few words: "ru_RU.UTF-8"; unknown: English
  /// Recognises answers to own letters, also after a restart if it is the same then. Missing: a new one.
  std::optional<ByteArray<32>> own_key = {};
  /// Letters that came earlier are not looked at. Missing: all are.
  std::optional<Duration> days_back = {};
  Duration poll_first = seconds(5);   ///< between looks at the mailbox after something happened;
  Duration poll_max = seconds(60);    ///< growing to this
  Duration retry_first = seconds(5);  ///< after trouble, doubling
  Duration retry_max = minutes(5);
};

/// What a letter to be sent consists of.
struct MailToSend {
  std::string to;
  Bytes attachment;
  /// Of the letter that it answers; empty: of none.
  std::string answered_subject = {}, answered_id = {};
};

/// An account at work.
class MailCarrier {
 public:
  /// Letters that wait to be handed in, and their bytes.
  static constexpr size_t kLettersWaitingMax = 64;
  static constexpr size_t kWaitingBytesMax = 16 * 1024 * 1024;
  /// Letters given to on_letter and not finished; no more are fetched meanwhile.
  static constexpr size_t kUnfinishedMax = 16;
  /// After a refused login: providers lock accounts that try often.
  static constexpr Duration kLoginPause = minutes(2);

  /// `random` chooses words and names of letters, on the loop's thread. Both must outlive the carrier. kBadMailAccount, kSystem.
  static Result<std::unique_ptr<MailCarrier>> create(EventLoop& loop, MailAccount account, MailOptions options,
                                                     Random& random, MailEvents events);
  /// Interrupts what goes on and waits for the threads: some milliseconds. Nothing is told afterwards.
  ~MailCarrier();
  MailCarrier(const MailCarrier&) = delete;
  MailCarrier& operator=(const MailCarrier&) = delete;

  /// Hands in a letter, after those before it, and tells how that went: once, on the loop, never from inside this call. Gives its Message-ID.
  /// kBadMailAccount: `to` is no address; kBadLetter: the attachment is none (kAttachmentBytesMax); kMailFull.
  Result<std::string> send(MailToSend letter, std::function<void(Status)> done);
  /// Begins or ends watching; ended from the start.
  void watch(bool on);
  /// Something is expected soon: looks at once, and often for a while.
  void expect();
  /// Done with a letter: removes it from the mailbox, or leaves it as it is.
  void finish(uint64_t letter, bool remove);

 private:
  struct State;
  explicit MailCarrier(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace godwit::net
