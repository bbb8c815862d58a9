// tree-math, deserialization and messages of the working group's vectors.

#include <bit>

#include "mls/errors.h"
#include "mls/mls_message.h"
#include "mls/testing/vector_runner.h"

namespace godwit::mls::testing {
namespace {

void expect_node(const Json& expected, std::optional<NodeIndex> actual) {
  if (expected.is_null()) {
    EXPECT_FALSE(actual.has_value());
  } else {
    ASSERT_TRUE(actual.has_value());
    EXPECT_EQ(actual->value, expected.get<uint32_t>());
  }
}

template <typename T>
void expect_round_trip(const Json& one, const char* member) {
  const Bytes bytes = hex_bytes(one, member);
  const auto value = codec::decoded<T>(bytes);
  ASSERT_TRUE(value.has_value()) << member << ": " << value.error().rule;
  EXPECT_EQ(hex(codec::encoded(*value)), hex(bytes)) << member;
}

void expect_group_secrets_round_trip(const Json& one) {
  const Bytes bytes = hex_bytes(one, "group_secrets");
  const auto value = GroupSecrets::decode(bytes);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(hex(value->encode()), hex(bytes));
}

}  // namespace

void verify_tree_math(const CipherSuite& /*any*/, const Json& one) {
  const LeafCount leaves{number<uint32_t>(one, "n_leaves")};
  ASSERT_TRUE(std::has_single_bit(leaves.value) && leaves.value <= kLeavesMax);
  ASSERT_EQ(node_count(leaves), number<uint32_t>(one, "n_nodes"));
  EXPECT_EQ(root(leaves).value, number<uint32_t>(one, "root"));
  for (uint32_t i = 0; i < node_count(leaves); ++i) {
    expect_node(one.at("left").at(i), left({i}));
    expect_node(one.at("right").at(i), right({i}));
    expect_node(one.at("parent").at(i), parent({i}, leaves));
    expect_node(one.at("sibling").at(i), sibling({i}, leaves));
  }
}

void verify_deserialization(const CipherSuite& /*any*/, const Json& one) {
  const Bytes header = hex_bytes(one, "vlbytes_header");
  codec::Reader reader(header);
  const uint32_t length = must(reader.varint(), "vlbytes_header");
  must(reader.finish(), "vlbytes_header");
  EXPECT_EQ(length, number<uint32_t>(one, "length"));
  codec::Writer writer;
  writer.varint(length);
  EXPECT_EQ(hex(writer.view()), hex(header));
}

void verify_messages(const CipherSuite& /*any*/, const Json& one) {
  for (const char* member : {"mls_welcome", "mls_group_info", "mls_key_package", "public_message_application",
                             "public_message_proposal", "public_message_commit", "private_message"}) {
    expect_round_trip<MLSMessage>(one, member);
  }
  expect_round_trip<RatchetTreeIn>(one, "ratchet_tree");
  expect_round_trip<Add>(one, "add_proposal");
  expect_round_trip<Update>(one, "update_proposal");
  expect_round_trip<Remove>(one, "remove_proposal");
  expect_round_trip<PreSharedKeyProposal>(one, "pre_shared_key_proposal");
  expect_round_trip<ReInit>(one, "re_init_proposal");
  expect_round_trip<ExternalInit>(one, "external_init_proposal");
  expect_round_trip<GroupContextExtensions>(one, "group_context_extensions_proposal");
  expect_round_trip<Commit>(one, "commit");
  expect_group_secrets_round_trip(one);
}
}  // namespace godwit::mls::testing
