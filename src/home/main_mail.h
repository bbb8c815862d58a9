#pragma once
// The home's mailbox: hands sealed requests that come by mail to the home, and mails the replies. Only main files include this.

#include <functional>
#include <map>
#include <memory>

#include "base/random.h"
#include "home/mail_limits.h"
#include "home/main.h"
#include "net/event_loop.h"
#include "net/mail.h"

namespace godwit::home {

/// One mailbox at work. It belongs to the home: letters that have the form of a sealed request are removed, answered or not. Other mail is left alone.
class HomeMail {
 public:
  /// Begins to watch what [mail] names; null if it names nothing. `on_sealed` hands over a sealed request, to be answered by answer() under the same
  /// number. net::kBadMailAccount, kBadKeyFile (the password's file).
  static Result<std::unique_ptr<HomeMail>> create(net::EventLoop& loop, const Place& place, const Config& config,
                                                  Random& random, std::function<void(uint64_t, Bytes)> on_sealed);

  /// What the home says to one: the sealed reply; or why there is none: for good, or not now (it is handed over again).
  void answer(uint64_t letter, const Result<Bytes>& reply);

 private:
  struct Pending {
    net::LetterHead head;
    Bytes sealed;  // until it is answered
    Bytes reply;   // then
    uint32_t attempts = 0;
    uint64_t came = 0;  // the how manieth letter
    std::unique_ptr<net::Timer> timer;
  };

  HomeMail(net::EventLoop& loop, const MailConfig& config, std::function<void(uint64_t, Bytes)> on_sealed);
  void letter_came(net::MailLetter letter);
  void open(uint64_t letter);
  void make_room();
  void send_reply(uint64_t letter);
  void reply_sent(uint64_t letter, const Status& sent);
  void again_later(uint64_t letter, std::function<void()> work);
  void finish(uint64_t letter);
  void tell_limit(const char* what);
  // Says once that something does not go, until it does again.
  void trouble(bool& told, const Error& error, const char* what);

  net::EventLoop& loop_;
  const MailConfig& config_;
  std::function<void(uint64_t, Bytes)> on_sealed_;
  MailLimits limits_;
  // At most net::MailCarrier::kUnfinishedMax: while so many wait, the others stay in the mailbox.
  std::map<uint64_t, Pending> pending_;
  uint64_t letters_came_ = 0;
  bool in_trouble_ = false;  // watching
  bool cannot_send_ = false;
  Instant limit_told_{};
  std::unique_ptr<net::MailCarrier> carrier_;  // last: it calls back
};

}  // namespace godwit::home
