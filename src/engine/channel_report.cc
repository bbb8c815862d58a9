#include "engine/channel_report.h"

#include "codec/members.h"
#include "engine/errors.h"

namespace godwit::engine {
namespace {

constexpr uint8_t kVersion = 1;
constexpr std::string_view kMagic = "godwit report";

struct Report {
  uint8_t version = kVersion;
  wire::ChannelKey key;
  wire::ChannelEntry entry;
  std::optional<SecretField> entry_key;  ///< None: of a public channel.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.key, self.entry, self.entry_key);
  }
};

}  // namespace

Bytes make_report(const ChannelLink& link, wire::ChannelEntry entry) {
  Report report{kVersion, link.key, std::move(entry), {}};
  if (link.secret) report.entry_key = SecretField{entry_key(*link.secret, report.entry.header.sequence)};
  Bytes out = to_bytes(as_bytes(kMagic));
  append(out, codec::encoded(report));
  return out;
}

Result<ReportChecked> check_report(ByteView bytes) {
  const bool marked = bytes.size() > kMagic.size() && equal(bytes.first(kMagic.size()), as_bytes(kMagic));
  REQUIRE(marked, kReportDamaged, "a report begins as one");
  const auto report = codec::decoded<Report>(bytes.subspan(kMagic.size()));
  REQUIRE(report.has_value() && report->version == kVersion, kReportDamaged, "a report is well-formed");
  const wire::ChannelEntry& entry = report->entry;
  REQUIRE(entry.content.has_value() && check_entry(entry, report->key), kReportDamaged,
          "a report has an entry that its channel's owner has signed");
  const crypto::AeadKey* key = report->entry_key ? &report->entry_key->value : nullptr;
  const auto content = open_content(*entry.content, report->key, entry.header.sequence, key);
  REQUIRE(content.has_value(), kReportDamaged, "a report opens its entry");
  const bool edit = content->kind == ChannelContentKind::kEdit;
  REQUIRE(edit || content->kind == ChannelContentKind::kPost, kReportDamaged, "a report is about a post");
  const uint64_t post = edit ? content->post : entry.header.sequence;
  ReportChecked out{channel_of(report->key), post, content->text, Instant{content->sent_ms}};
  for (const FileBody& file : content->files) out.files.push_back({file.name, file.size, file.blob});
  return out;
}

}  // namespace godwit::engine
