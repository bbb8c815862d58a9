#include "mls/group_extensions.h"

#include "mls/errors.h"

namespace godwit::mls {

Extension required_capabilities_extension(const RequiredCapabilities& required) {
  return {ExtensionType::kRequiredCapabilities, codec::encoded(required)};
}

Extension external_senders_extension(const std::vector<ExternalSender>& senders) {
  return {ExtensionType::kExternalSenders, codec::encoded(senders)};
}

std::vector<ExternalSender> external_senders(const Extensions& group_context_extensions) {
  const Bytes* data = find_extension(group_context_extensions, ExtensionType::kExternalSenders);
  if (data == nullptr) return {};
  auto senders = codec::decoded<std::vector<ExternalSender>>(*data);
  return senders ? std::move(senders).value() : std::vector<ExternalSender>{};
}

Status check_group_context_extensions(const Extensions& extensions) {
  // MLS-179
  TRY(check_no_duplicates(extensions));
  if (const Bytes* data = find_extension(extensions, ExtensionType::kRequiredCapabilities)) {
    REQUIRE(codec::decoded<RequiredCapabilities>(*data).has_value(), kBadGroupContextExtension,
            "RFC 9420 §11.1: required_capabilities of another form");
  }
  if (const Bytes* data = find_extension(extensions, ExtensionType::kExternalSenders)) {
    const auto senders = codec::decoded<std::vector<ExternalSender>>(*data);
    REQUIRE(senders.has_value(), kBadGroupContextExtension, "RFC 9420 §12.1.8.1: external_senders of another form");
    for (const ExternalSender& one : *senders) {
      REQUIRE(
          one.credential.type != CredentialType::kBasic || one.signature_key.size() == crypto::kEd25519PublicKeySize,
          kBadGroupContextExtension, "RFC 9420 §12.1.8.1: a signature_key of another size than the suite's");
    }
  }
  return {};
}

}  // namespace godwit::mls
