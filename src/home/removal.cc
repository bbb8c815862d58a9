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
  auto work = channel ? remove_channel(removal, *channel) : remove_blob(BlobHash{crypto::sha256(blob->view())});
  const Status done = co_await work;
  if (!removal->outcome) removal->outcome = done;
  co_return Status{};
}

// It is over for readers once its record says so; its entries take longer, and what a crash leaves of them the sweep removes.
Task<Status> Core::remove_channel(std::shared_ptr<Removal> removal, wire::ChannelId channel) {
  const auto lane = co_await lanes_.exclusive(channel_key(channel));
  CO_TRY(found, co_await storing_.get(channel_key(channel)));
  CO_REQUIRE(found.value.has_value(), wire::kNoSuchChannel, "home: no such channel");
  CO_TRY(marked, co_await mark_channel_ended(channel, std::move(*found.value), true));
  removal->outcome = Status{};
  co_return co_await erase_channel(channel, std::move(marked));
}

// Its time is over at once; the sweep removes the chunks, and leaves the record so that nobody stores it again.
Task<Status> Core::remove_blob(BlobHash blob) {
  const auto lane = co_await lanes_.exclusive(blob_key(blob));
  CO_TRY(found, co_await storing_.get(blob_key(blob)));
  CO_REQUIRE(found.value.has_value(), wire::kNoSuchBlob, "home: no such blob");
  CO_TRY(record, decode_record<BlobRecord>(*found.value));
  if (record.removed) co_return Status{};
  record.end_day = 0;
  record.removed = true;
  CO_CHECK(co_await storing_.put(blob_key(blob), codec::encoded(record)));
  // Whoever is about to store a chunk of it holds this one.
  if (const auto active = active_blobs_.find(blob); active != active_blobs_.end()) active->second->record = record;
  active_blobs_.erase(blob);
  co_return Status{};
}

}  // namespace godwit::home
