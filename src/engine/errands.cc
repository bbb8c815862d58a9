#include "engine/errands.h"

#include <algorithm>

#include "crypto/hash.h"
#include "engine/machine.h"

namespace godwit::engine {
namespace {

void finish(Machine& m, uint64_t number) {
  auto node = m.errands.all.extract(number);
  Errand& errand = node.mapped();
  for (const auto& [index, request] : errand.waiting) m.link(nobody(), m.self->record.home).cancel(request);
  errand.answer.passed_on = static_cast<uint32_t>(errand.replies.size());
  if (!errand.replies.empty()) {
    errand.answer.replies = wire::encode_bundle({{}, {}, std::move(errand.replies)}, crypto::sha256);
  }
  m.done_then(errand.command, std::move(errand.answer));
}

void go_on(Machine& m, uint64_t number);

void on_reply(Machine& m, uint64_t number, uint64_t index, const Result<wire::Reply>& reply) {
  const auto found = m.errands.all.find(number);
  if (found == m.errands.all.end()) return;
  Errand& errand = found->second;
  errand.waiting.erase(index);
  const auto* sealed = reply ? std::get_if<wire::SealedReply>(&*reply) : nullptr;
  // What is larger than a bundle takes is none of a home's.
  if (sealed != nullptr && sealed->bytes.size() <= wire::kBundleReplySizeMax) {
    errand.replies.push_back(sealed->bytes);
    errand.reply_bytes += sealed->bytes.size();
  }
  go_on(m, number);
}

void go_on(Machine& m, uint64_t number) {
  Errand& errand = m.errands.all.at(number);
  // On the link that belongs to no chat: what others ask has to do with none.
  Link& link = m.link(nobody(), m.self->record.home);
  // Those whose answers have no room are not asked: they are for another time, and a home does each once.
  const size_t fit = wire::replies_that_fit(errand.replies.size(), errand.reply_bytes);
  while (!errand.left.empty() && errand.waiting.size() < std::min(kErrandsAtOnce, fit)) {
    wire::SealedParcel parcel = std::move(errand.left.front());
    errand.left.pop_front();
    const uint64_t index = errand.next++;
    const bool own = parcel.home.key == m.self->record.home.key;
    const wire::Request request = own ? wire::Request(wire::Sealed{std::move(parcel.bytes)})
                                      : wire::Request(wire::Forward{parcel.home, std::move(parcel.bytes)});
    errand.waiting[index] = link.submit(
        request, [&m, number, index](const Result<wire::Reply>& reply) { on_reply(m, number, index, reply); });
  }
  if (errand.waiting.empty()) finish(m, number);
}

}  // namespace

void run_errand(Machine& m, CommandId command, BundleRead answer, std::vector<wire::SealedParcel> requests) {
  const uint64_t number = ++m.errands.last;
  Errand& errand = m.errands.all[number];
  errand.command = command;
  errand.answer = std::move(answer);
  errand.ends = m.now + kErrandPatience;
  errand.left.assign(std::make_move_iterator(requests.begin()), std::make_move_iterator(requests.end()));
  go_on(m, number);
}

void pump_errands(Machine& m, Instant& wake) {
  std::vector<uint64_t> over;
  for (const auto& [number, errand] : m.errands.all) {
    if (errand.ends <= m.now) {
      over.push_back(number);
    } else {
      wake = std::min(wake, errand.ends);
    }
  }
  for (const uint64_t number : over) finish(m, number);
}

}  // namespace godwit::engine
