#include "cli/mail_carrier.h"

#include "cli/errors.h"

namespace godwit::cli {

struct MailCarrier::Impl {
  net::EventLoop& loop;
  std::function<void(engine::Event)> tell;
};

MailCarrier::MailCarrier(net::EventLoop& loop, net::DialOptions, std::function<void(engine::Event)> tell)
    : impl_(std::make_shared<Impl>(Impl{loop, std::move(tell)})) {}
MailCarrier::~MailCarrier() = default;

void MailCarrier::watch(std::optional<engine::MailAccount>) {}

void MailCarrier::send(engine::SendSealed letter) {
  impl_->loop.post([weak = std::weak_ptr<Impl>(impl_), id = letter.letter] {
    const auto impl = weak.lock();
    if (impl) impl->tell(engine::LetterFailed{id, {kNoMailCarrier, "a program that carries mail"}});
  });
}

}  // namespace godwit::cli
