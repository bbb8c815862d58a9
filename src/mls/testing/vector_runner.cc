#include "mls/testing/vector_runner.h"

#include <gtest/gtest-spi.h>

#include <algorithm>
#include <sstream>

namespace godwit::mls::testing {
namespace {

std::string suite_name(uint64_t number) {
  std::ostringstream out;
  out << "suite 0x" << std::hex;
  out.width(4);
  out.fill('0');
  out << number;
  return out.str();
}

// What is wrong with the case, or nothing.
std::string why_failed(const VectorFamily& family, const CipherSuite& suite, const Json& one) {
  ::testing::TestPartResultArray results;
  std::string thrown;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    try {
      family.verify(suite, one);
    } catch (const std::exception& error) {
      thrown = error.what();
    }
  }
  for (int i = 0; i < results.size(); ++i) {
    const auto& result = results.GetTestPartResult(i);
    if (result.failed()) return result.message();
  }
  return thrown;
}

void run_case(const VectorFamily& family, const Json& one, size_t index, VectorReport& report) {
  const CipherSuite* suite = &suite_0x0003_of_vectors();
  std::string why;
  if (family.has_suite) {
    const auto member = one.is_object() ? one.find("cipher_suite") : one.end();
    if (member == one.end() || !member->is_number_unsigned() || member->get<uint64_t>() > UINT16_MAX) {
      why = "no cipher_suite";
    } else if (suite = suite_of(one); suite == nullptr) {
      ++report.skipped[suite_name(member->get<uint64_t>()) + " is not in the table"];
      return;
    }
  }
  if (why.empty()) why = why_failed(family, *suite, one);
  if (why.empty()) {
    ++report.passed;
  } else {
    report.failures.push_back("case " + std::to_string(index) + ": " + why);
  }
}

}  // namespace

std::string VectorReport::summary() const {
  size_t skips = 0;
  std::string reasons;
  for (const auto& [reason, count] : skipped) {
    skips += count;
    reasons += (reasons.empty() ? " (" : ", ") + reason + ": " + std::to_string(count);
  }
  return std::to_string(passed) + " passed, " + std::to_string(failures.size()) + " failed, " + std::to_string(skips) +
         " skipped" + reasons + (reasons.empty() ? "" : ")");
}

VectorReport run_vectors(std::span<const VectorFamily> families, const std::string& name, const std::string& text) {
  VectorReport report;
  const Json cases = Json::parse(text, nullptr, false);
  if (!cases.is_array() || cases.empty()) {
    report.failures.push_back(cases.is_discarded() ? "this is not JSON" : "this is no list of cases");
    return report;
  }
  const auto family =
      std::ranges::find_if(families, [&name](const VectorFamily& one) { return name.starts_with(one.name); });
  if (family == families.end()) {
    report.skipped["no such family of vectors"] = cases.size();
    return report;
  }
  for (size_t i = 0; i < cases.size(); ++i) run_case(*family, cases[i], i, report);
  return report;
}

}  // namespace godwit::mls::testing
