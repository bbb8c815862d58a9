// A mail account on standard input and output, for mail_test.py: what net/mail.h does, without engine and home.
//
//   mail_tool ADDRESS SMTP IMAP USER PASSWORD [--proxy URL] [--answer] [--poll MILLISECONDS]
//
// Reads "watch", "unwatch", "send TO HEX"; --answer answers each letter with its bytes backwards after the first. Prints "sent", "failed NAME",
// "letter FROM OWN AUTOMATIC HEX", "returned", "trouble NAME", "watching"; letters are removed if they are answers or --answer is given.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>

#include "crypto/random_sources.h"
#include "net/input_reader.h"
#include "net/mail.h"

namespace {

using namespace godwit;  // NOLINT: a program of one file

class Tool {
 public:
  Tool(net::EventLoop& loop, Random& random) : loop_(loop), random_(random) {}

  int start(int count, char** words) {
    if (count < 6) return 2;
    net::MailAccount account(words[1], words[2], words[3], words[4], words[5]);
    net::MailOptions options;
    options.own_key = ByteArray<32>{7};
    for (int i = 6; i < count; ++i) {
      const std::string word = words[i];
      if (word == "--answer") answers_ = true;
      if (word == "--proxy" && i + 1 < count) options.reach.proxy = words[++i];
      if (word == "--poll" && i + 1 < count)
        options.poll_first = options.poll_max = options.retry_first = milliseconds(std::atoi(words[++i]));
    }
    net::MailEvents events;
    events.on_letter = [this](const net::MailLetter& letter) { letter_came(letter); };
    events.on_returned = [](const std::string&) { std::cout << "returned" << std::endl; };
    events.on_trouble = [](Error error) { std::cout << "trouble " << error.code.name << std::endl; };
    events.on_watching = [] { std::cout << "watching" << std::endl; };
    auto made = net::MailCarrier::create(loop_, account, options, random_, std::move(events));
    if (!made) {
      std::cout << "failed " << made.error().code.name << std::endl;
      return 1;
    }
    carrier_ = std::move(*made);
    return 0;
  }

  void take(ByteView bytes) {
    input_ += as_text(bytes);
    for (size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      std::istringstream line(input_.substr(0, end));
      input_.erase(0, end + 1);
      std::string what, to, digits;
      line >> what >> to >> digits;
      if (what == "watch") carrier_->watch(true);
      if (what == "unwatch") carrier_->watch(false);
      Bytes attachment;
      if (what == "send" && from_hex(digits, attachment)) send({to, std::move(attachment)});
    }
  }

 private:
  void send(net::MailToSend letter) {
    const auto sent = carrier_->send(std::move(letter), [](const Status& status) { tell(status); });
    if (!sent) tell(sent.error());
  }

  static void tell(const Status& status) {
    std::cout << (status ? std::string("sent") : "failed " + std::string(status.error().code.name)) << std::endl;
  }

  void letter_came(const net::MailLetter& letter) {
    std::cout << "letter " << letter.head.from << " " << letter.answers_own << " " << letter.head.automatic << " "
              << to_hex(letter.attachment) << std::endl;
    carrier_->finish(letter.id, letter.answers_own || answers_);
    if (!answers_ || letter.head.automatic) return;
    Bytes answer = letter.attachment;
    std::reverse(answer.begin() + 1, answer.end());
    send({letter.head.from, std::move(answer), letter.head.subject, letter.head.message_id});
  }

  net::EventLoop& loop_;
  Random& random_;
  bool answers_ = false;
  std::string input_;
  std::unique_ptr<net::MailCarrier> carrier_;
};

}  // namespace

int main(int count, char** words) {
  if (!crypto::initialise()) return 1;
  auto loop = net::EventLoop::create();
  if (!loop) return 1;
  crypto::SystemRandom random;
  Tool tool(**loop, random);
  const int code = tool.start(count, words);
  if (code != 0) return code;
  const auto reader =
      net::InputReader::create(**loop, 0, [&](ByteView bytes) { tool.take(bytes); }, [&] { (*loop)->stop(); });
  if (!reader) return 1;
  (*loop)->run();
  return 0;
}
