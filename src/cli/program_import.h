#pragma once
// The engine of this program, as what takes messages in needs it.

#include "cli/client.h"
#include "moving/chat_import.h"
#include "moving/chat_source.h"

namespace godwit::cli {

/// So long the engine may take for a batch of messages.
constexpr Duration kBatchLimit = minutes(10);

/// See above. As of Client::ask.
class ProgramImport : public moving::ImportHost {
 public:
  /// `what` is shown while it takes long. All must outlive it.
  ProgramImport(Client& client, const char* what, const moving::ShowMessages& show)
      : client_(client), what_(what), show_(show) {}
  Result<engine::ImportDone> take(const engine::ImportMessages& batch) override;
  Status look_up() override;
  int64_t from_local(int64_t local_ms) override;
  void show(uint64_t messages) override { show_(messages); }

 private:
  Client& client_;
  const char* what_;
  const moving::ShowMessages& show_;
};

}  // namespace godwit::cli
