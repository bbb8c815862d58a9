#pragma once
// What a person has not seen yet of the channels that he follows, then what comes in, each once and in order; what was shown is marked as
// read. Muted channels are left alone.

#include <functional>
#include <map>
#include <vector>

#include "cli/client.h"

namespace godwit::cli {

/// Feeds posts to whoever shows them.
class PostInbox {
 public:
  /// False: it could not be shown, and is not marked.
  using Show = std::function<bool(const engine::ChannelInfo&, const engine::PostInfo&)>;

  PostInbox(Client& client, Show show) : client_(client), show_(std::move(show)) {}

  /// Takes every notice of the client, from before open() on.
  void take(const engine::Notice& notice);
  /// Shows what is unread, then what came meanwhile; from then on take() shows at once. Stops early if `enough` says so.
  /// Errors as of Client::ask.
  Status open(const std::function<bool()>& enough);
  /// True once a post could not be shown.
  bool broken() const { return broken_; }

 private:
  void show(const wire::ChannelId& id, const engine::PostInfo& post);
  Status show_unread(const engine::ChannelInfo& channel, const std::function<bool()>& enough);

  Client& client_;
  Show show_;
  std::map<wire::ChannelId, engine::ChannelInfo> channels_;
  std::map<wire::ChannelId, uint64_t> shown_;
  std::vector<engine::ChannelPosted> waiting_;  // came before open() was through
  bool opened_ = false;
  bool broken_ = false;
};

}  // namespace godwit::cli
