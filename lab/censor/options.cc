#include "lab/censor/options.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/assert.h"

namespace godwit::lab {
namespace {

constexpr size_t kFileMax = 64 * 1024 * 1024;

bool parse_double(const std::string& text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(out);
}

std::string plain_number(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

bool among(const char* choices, const std::string& value) {
  for (const std::string& choice : split(choices, '|')) {
    if (choice == value) return true;
  }
  return false;
}

bool is_list(OptionKind kind) {
  return kind == OptionKind::kNames || kind == OptionKind::kBlocks || kind == OptionKind::kPorts;
}

std::string with_or(const char* choices) {
  std::string out;
  for (const std::string& choice : split(choices, '|')) out += (out.empty() ? "" : ", ") + choice;
  return out;
}

}  // namespace

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::string line : split(text, '\n')) {
    line.resize(std::min(line.find('#'), line.size()));
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) continue;
    out.push_back(line.substr(first, line.find_last_not_of(" \t\r") - first + 1));
  }
  return out;
}

bool read_file(const std::string& path, std::string& out) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  std::ostringstream contents;
  contents << file.rdbuf();
  out = contents.str();
  return out.size() <= kFileMax;
}

std::string Options::check(const OptionInfo& info, const std::string& value) {
  if (info.kind == OptionKind::kNumber || info.kind == OptionKind::kWhole) {
    double number = 0;
    if (!parse_double(value, number)) return "'" + value + "' is not a number";
    if (info.kind == OptionKind::kWhole && number != std::floor(number)) return "'" + value + "' is not a whole number";
    if (number < info.least || number > info.most) {
      return value + " is not from " + plain_number(info.least) + " to " + plain_number(info.most);
    }
  }
  if (info.kind == OptionKind::kSwitch && value != "on" && value != "off") return "'" + value + "' is not on or off";
  if (info.kind == OptionKind::kChoice && !among(info.choices, value)) {
    return "'" + value + "' is not one of " + with_or(info.choices);
  }
  if (info.kind == OptionKind::kParts) {
    for (const std::string& part : split(value, '+')) {
      if (!among(info.choices, part)) return "'" + part + "' is not one of " + with_or(info.choices);
    }
  }
  if (!is_list(info.kind)) return "";
  std::vector<std::string> items;
  if (value.starts_with('@')) {
    std::string contents;
    if (!read_file(value.substr(1), contents)) return "the file " + value.substr(1) + " cannot be read";
    items = lines_of(contents);
  } else {
    items = split(value, '+');
  }
  for (const std::string& item : items) {
    Cidr block;
    PortRange range;
    if (info.kind == OptionKind::kBlocks && !parse_cidr(item, block)) return "'" + item + "' is not a CIDR block";
    if (info.kind == OptionKind::kPorts && !parse_ports(item, range)) return "'" + item + "' is not a port or a range";
  }
  lists_[info.name] = std::move(items);
  return "";
}

std::string Options::read(const std::vector<OptionInfo>& table, std::string_view given) {
  for (const OptionInfo& info : table) {
    values_[info.name] = info.initial;
    const std::string wrong = check(info, info.initial);
    ASSERT(wrong.empty());  // a default of our own table
  }
  for (const std::string& pair : split(given, ',')) {
    const size_t equals = pair.find('=');
    const std::string name = pair.substr(0, equals);
    if (equals == std::string::npos) return "option " + name + ": it needs a value: " + name + "=...";
    const OptionInfo* found = nullptr;
    for (const OptionInfo& info : table) {
      if (info.name == name) found = &info;
    }
    if (found == nullptr) {
      std::string known;
      for (const OptionInfo& info : table) known += (known.empty() ? "" : ", ") + std::string(info.name);
      return "option " + name + ": there is none of this name, only " + known;
    }
    const std::string value = pair.substr(equals + 1);
    const std::string wrong = check(*found, value);
    if (!wrong.empty()) return "option " + name + ": " + wrong;
    values_[name] = value;
  }
  return "";
}

const std::string& Options::text(const char* name) const {
  const auto found = values_.find(name);
  ASSERT(found != values_.end());
  return found->second;
}

double Options::number(const char* name) const {
  double value = 0;
  const bool right = parse_double(text(name), value);
  ASSERT(right);
  return value;
}

int64_t Options::whole(const char* name) const { return static_cast<int64_t>(number(name)); }

Time Options::seconds(const char* name) const { return from_seconds(number(name)); }

bool Options::on(const char* name) const { return text(name) == "on"; }

bool Options::has(const char* name, std::string_view part) const {
  for (const std::string& given : split(text(name), '+')) {
    if (given == part) return true;
  }
  return false;
}

std::vector<std::string> Options::names(const char* name) const {
  const auto found = lists_.find(name);
  ASSERT(found != lists_.end());
  return found->second;
}

CidrSet Options::blocks(const char* name) const {
  CidrSet out;
  for (const std::string& item : names(name)) {
    Cidr block;
    if (parse_cidr(item, block)) out.blocks.push_back(block);
  }
  return out;
}

PortSet Options::ports(const char* name) const {
  PortSet out;
  for (const std::string& item : names(name)) {
    PortRange range;
    if (parse_ports(item, range)) out.ranges.push_back(range);
  }
  return out;
}

}  // namespace godwit::lab
