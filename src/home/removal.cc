// What the operator takes away: a channel or a blob that somebody has reported. He needs its id, which is in the report.

#include "home/removal.h"

#include "crypto/hash.h"
#include "home/core.h"

namespace godwit::home {

void Core::remove(std::shared_ptr<Removal> removal, Instant now) {
  now_ = now;
  tasks_.start(carry_out(std::move(removal)));
  run();
}

Task<Status> Core::carry_out(std::shared_ptr<Removal> removal) {
  const auto* channel = std::get_if<wire::ChannelId>(&removal->what);
  const auto* blob = std::get_if<wire::BlobId>(&removal->what);
  auto work = channel ? remove_channel(*channel) : remove_blob(BlobHash{crypto::sha256(blob->view())});
  removal->outcome = co_await work;
  co_return Status{};
}

Task<Status> Core::remove_channel(wire::ChannelId channel) {
  const auto lane = co_await lanes_.exclusive(channel_key(channel));
  CO_TRY(found, co_await storing_.get(channel_key(channel)));
  CO_REQUIRE(found.value.has_value(), wire::kNoSuchChannel, "home: no such channel");
  co_return co_await end_channel(channel, std::move(*found.value), true);
}

// Its time is over at once; the sweep removes the chunks.
Task<Status> Core::remove_blob(BlobHash blob) {
  const auto lane = co_await lanes_.exclusive(blob_key(blob));
  CO_TRY(found, co_await storing_.get(blob_key(blob)));
  CO_REQUIRE(found.value.has_value(), wire::kNoSuchBlob, "home: no such blob");
  CO_TRY(record, decode_record<BlobRecord>(*found.value));
  record.end_day = 0;
  CO_CHECK(co_await storing_.put(blob_key(blob), codec::encoded(record)));
  active_blobs_.erase(blob);
  co_return Status{};
}

}  // namespace godwit::home
