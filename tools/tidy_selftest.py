"""The self-test of tools/tidy: each case is a tiny tree and the findings it must give, no more and no fewer."""

import os
import sys
import tempfile

LONG_BODY = "  x();\n" * 80
LONG_FILE = "// line\n" * 601
RULES_HEAD = "| id | rule | where | test |\n|---|---|---|---|\n"
RULES_CODE = """Status check(int a) {
  REQUIRE(a > 0, kBad, "RFC 1 §2, MLS-001: a is positive");
  REQUIRE(a < 9, kBad, "RFC 1 §2, MLS-002: a is small");
  return {};
}
struct Judge {
  Status operator()(int a) const {
    return check(a);  // MLS-002
  }
};
"""
RULES_TEST = """
// MLS-001: forged.
TEST_F(ATest, refuses) { refuse("MLS-002"); }

TEST(B, table) {
  const char* const rules[] = {
      // more of them
      "MLS-002", "MLS-003",
  };
}
"""

# name: ({path: text}, [(path, line, rule), ...])
CASES = {
    "a merge that was not resolved": ({
        "src/base/CMakeLists.txt": "<" * 7 + " HEAD\n=======\n" + ">" * 7 + " other\n",
    }, [
        ("src/base/CMakeLists.txt", 1, "unmerged"),
        ("src/base/CMakeLists.txt", 3, "unmerged"),
    ]),
    "a clean tree is silent": ({
        "src/base/CMakeLists.txt": "godwit_library(NAME base SOURCES a.cc TESTS a_test.cc)\n",
        "src/base/a.h": """// What this is.
#pragma once
#include <map>

namespace godwit {

class Forward;

/// A thing.
template <typename T, typename U = std::map<int, std::pair<int, int>>>
class Thing final : public Base<T> {
 public:
  explicit Thing(int value) : value_{value}, other_(1) { use(value); }
  ~Thing();
  Thing(Thing&&) = default;
  bool operator==(const Thing&) const;
  operator bool() const { return true; }
  void inherited() override;
  /// Documented.
  [[nodiscard]] std::map<int, int> table(std::pair<int, int> key = {1, 2}) const;
  [[nodiscard]] std::map<int, int> table() const;
  int size() const { return 1; }  ///< beside is as good
  void encode_to(Writer& writer) const;
  static constexpr auto fields(auto& self) { return std::tie(self.value_); }
  std::function<void(int)> callback;
  int data = compute(1);

 private:
  void hidden();
  struct Inner { void also_hidden(); };
  int value_{};
};

/// Numbers.
enum class Number : int { kOne = 1, kTwo = two() };

/// Adds.
inline int add(int a, int b) { return a + b; }

/// Documented where declared.
template <typename T>
int twice(T value);

template <typename T>
int twice(T value) {
  return 2 * value;
}

inline constexpr int kTable[] = {
    1,
};

namespace detail {
int internal_helper(int);
}

}  // namespace godwit

template <typename T, typename U>
inline void godwit::Thing<T, U>::inherited() {}
""",
        "src/base/a.cc": '#include "base/a.h"\n\n#include <vector>\nint f() { return \'{\' + "}{//"[0] + 1\'000; }\n',
        "src/base/a_test.cc": '#include "base/a.h"\n#include <thread>\n',
        "docs/a.md": "`src/base/a.h:3`, `base/a.h`, [a](../src/base/a.h#x), [b](https://x.example/y), `a/b`, `src/*.h`\n"
                     "```\n`src/in/a/fence.h`\n```\n",
    }, []),
    "an edge that is not in the table": ({
        "src/base/a.h": '#pragma once\n#include "crypto/aead.h"\n'}, [("src/base/a.h", 2, "include")]),
    "home sees neither mls nor engine": ({
        "src/home/a.h": '#pragma once\n#include "mls/tree.h"\n#include "session/a.h"\n#include "engine/e.h"\n'},
        [("src/home/a.h", 2, "include"), ("src/home/a.h", 4, "include")]),
    "bridge sees neither session nor wire": ({
        "src/bridge/a.h": '#pragma once\n#include "session/a.h"\n#include "wire/a.h"\n#include "routes/r.h"\n'},
        [("src/bridge/a.h", 2, "include"), ("src/bridge/a.h", 3, "include")]),
    "net only in a program's main files": ({
        "src/home/main.cc": '#include "net/loop.h"\n', "src/home/main_config.cc": '#include "net/loop.h"\n',
        "src/bridge/serve.cc": '#include "net/loop.h"\n', "src/engine/main.cc": '#include "net/loop.h"\n'},
        [("src/bridge/serve.cc", 1, "include"), ("src/engine/main.cc", 1, "include")]),
    "a main header stays with the main files": ({
        "src/home/main_a.h": '#pragma once\n#include "net/loop.h"\n',
        "src/home/main_a.cc": '#include "home/main_a.h"\n',
        "src/home/queue.cc": '#include "home/main_a.h"\n'}, [("src/home/queue.cc", 1, "include")]),
    "a test sees what its folder can reach, no more": ({
        "src/engine/a_test.cc": '#include "mls/a.h"\n#include "home/a.h"\n',
        "src/wire/a_test.cc": '#include "crypto/a.h"\n', "src/home/a_test.cc": '#include "mls/a.h"\n'},
        [("src/engine/a_test.cc", 2, "include"), ("src/home/a_test.cc", 1, "include")]),
    "sim sees everything but net; lab base only": ({
        "sim/a.cc": '#include "sim/b.h"\n#include "home/a.h"\n#include "net/a.h"\n',
        "lab/a.cc": '#include "base/a.h"\n#include "wire/a.h"\n', "bench/a.cc": '#include "net/a.h"\n'},
        [("sim/a.cc", 3, "include"), ("lab/a.cc", 2, "include")]),
    "an include is by folder, in quotes": ({
        "src/base/a.cc": '#include "b.h"\n#include <base/b.h>\n'},
        [("src/base/a.cc", 1, "include"), ("src/base/a.cc", 2, "include")]),
    "test support is for tests": ({
        "src/mls/a.cc": '#include "mls/testing/b.h"\n', "src/mls/a_test.cc": '#include "mls/testing/b.h"\n'},
        [("src/mls/a.cc", 1, "include")]),
    "an unknown folder": ({"src/extra/a.cc": "int a;\n"}, [("src/extra/a.cc", 1, "include")]),
    "only crypto sees sodium, tests included": ({
        "src/crypto/a.cc": "#include <sodium.h>\n", "src/mls/a.cc": "#include <sodium.h>\n",
        "src/mls/a_test.cc": "#include <sodium/core.h>\n"},
        [("src/mls/a.cc", 1, "outside"), ("src/mls/a_test.cc", 1, "outside")]),
    "sockets, files and threads stay out of the core": ({
        "src/engine/a.cc": "#include <thread>\n#include <sys/socket.h>\n#include <rocksdb/db.h>\n",
        "src/net/a.cc": "#include <thread>\n#include <sys/socket.h>\n", "src/store/a.cc": "#include <rocksdb/db.h>\n"},
        [("src/engine/a.cc", n, "outside") for n in (1, 2, 3)]),
    "exceptions only in net and store": ({
        "src/mls/CMakeLists.txt": "godwit_library(NAME mls\n  EXCEPTIONS)\n",
        "src/net/CMakeLists.txt": "godwit_library(NAME net EXCEPTIONS)\n"},
        [("src/mls/CMakeLists.txt", 1, "exceptions")]),
    "a file of more than 600 lines": ({"src/base/a.cc": LONG_FILE}, [("src/base/a.cc", 1, "file-size")]),
    "a function of more than 70 lines": ({
        "src/base/a.cc": "int g() {\n  return 1;\n}\n\nint f(int a,\n      int b) {\n" + LONG_BODY + "}\n"},
        [("src/base/a.cc", 5, "function-size")]),
    "a constructor's body counts, a table does not": ({
        "src/base/a.cc": "X::X() : a_{1}, b_(2) {\n" + LONG_BODY + "}\n"
                         "const int kX[] = {\n" + "  1,\n" * 80 + "};\nnamespace a {\n" + "int x;\n" * 80 + "}\n"},
        [("src/base/a.cc", 1, "function-size")]),
    "the ratchet holds": ({
        "src/base/a.cc": LONG_FILE, "tools/tidy-ratchet.txt": "# c\nsrc/base/a.cc 601\n"}, []),
    "the ratchet does not give way": ({
        "src/base/a.cc": LONG_FILE, "tools/tidy-ratchet.txt": "src/base/a.cc 600\n"},
        [("src/base/a.cc", 1, "file-size")]),
    "the ratchet follows downwards": ({
        "src/base/a.cc": LONG_FILE, "src/base/b.cc": "int f() {\n" + LONG_BODY + "}\n",
        "tools/tidy-ratchet.txt": "src/base/a.cc 605\nsrc/base/b.cc:f 82\nsrc/base/gone.cc 700\nwhat is this\n"},
        [("tools/tidy-ratchet.txt", n, "ratchet") for n in (1, 3, 4)]),
    "public declarations have a docstring": ({
        "src/base/a.h": """#pragma once
namespace godwit {
struct A {
  void m();
  enum class B { x };
};
int f(int);

/// Has one.
class C {
  void hidden();
 public:
  static int made();
 protected:
  void too();
};
/// Far away.

enum D { a };
}
template <typename T>
struct Primary;  // documented here
template <>
struct Primary<int> {};
"""}, [("src/base/a.h", n, "docstring") for n in (3, 4, 5, 7, 13, 19)]),
    "documents name living paths": ({
        "README.md": "`src/gone.h`, `tools/gone --flag`, `base/gone.h` and [x](docs/gone.md)\n",
        "docs/sub/a.md": "[up](../../README.md) [gone](README.md)\n"},
        [("README.md", 1, "dead-path"), ("docs/sub/a.md", 1, "dead-path")]),
    "the document has the table that is enforced": ({
        "docs/ARCHITECTURE.md": "| folder | may include |\n|---|---|\n| base | - |\n| mls, session | base, codec |\n"
                                "| home | base, crypto, codec, session, wire, routes, store; net in main only |\n",
        "src/mls/a.cc": "", "src/wire/a.cc": ""},
        [("docs/ARCHITECTURE.md", 1, "ladder"), ("docs/ARCHITECTURE.md", 4, "ladder")]),
    "a header begins with #pragma once": ({
        "src/base/a.h": "#include <map>\n#pragma once\n", "src/base/b.h": "/* x */\n// #x\n#pragma once\n"},
        [("src/base/a.h", 1, "pragma-once")]),
    "the own header comes first": ({
        "src/base/a.h": "#pragma once\n", "src/base/a.cc": '#include <map>\n#include "base/a.h"\n',
        "sim/b.h": "#pragma once\n", "sim/b.cc": '#include "sim/b.h"\n'}, [("src/base/a.cc", 1, "own-header")]),
    "no using namespace in a header": ({
        "src/base/a.h": "#pragma once\nusing namespace std;  // using namespace\n",
        "src/base/a_test.cc": "using namespace std;\n"}, [("src/base/a.h", 2, "using-namespace")]),
    "nothing is left unfinished": ({
        "src/base/a.cc": "// TO" "DO: x\n// FIX" "ME\nchar name[] = \"dir.XXXXXX\";\n// X" "XX\n"},
        [("src/base/a.cc", n, "unfinished") for n in (1, 2, 4)]),
    "no globbing": ({
        "src/base/CMakeLists.txt": "# never GLOB\nfile(GLOB x *.cc)\n", "cmake/x.cmake": "aux_source_directory(. y)\n"},
        [("src/base/CMakeLists.txt", 2, "glob"), ("cmake/x.cmake", 1, "glob")]),
    "every source is listed": ({
        "src/base/CMakeLists.txt": "godwit_library(NAME base SOURCES a.cc testing/t.cc) # b_test.cc\n",
        "src/base/a.cc": "", "src/base/testing/t.cc": "", "src/base/b_test.cc": ""},
        [("src/base/b_test.cc", 1, "unlisted")]),
    "every fuzz target has a corpus": ({
        "fuzz/CMakeLists.txt": "godwit_fuzz(NAME a SOURCES a.cc)\ngodwit_fuzz(NAME b SOURCES a.cc)\n"
                               "godwit_fuzz(NAME c SOURCES a.cc CORPUS corpus/a)\n",
        "fuzz/corpus/a/1": "x", "fuzz/a.cc": ""}, [("fuzz/CMakeLists.txt", 2, "corpus")]),
    "the rules of the table stand in the code and at a test": ({
        "docs/rules.md": RULES_HEAD +
                         "| MLS-001 | a | 1 | `mls/a.cc` `check` | `ATest.refuses` |\n"
                         "| MLS-002 | b | 2 | `mls/a.cc` `check`; `mls/a.cc` `operator()` | `ATest.refuses`, `B.table` |\n"
                         "| MLS-003 | c | 3 | by construction: `x()` of `mls/a.cc` does it | `B.table` |\n"
                         "| MLS-004 | d | 4 | by construction: a type | no test: it would not compile |\n",
        "src/mls/a.cc": RULES_CODE, "src/mls/a_test.cc": RULES_TEST}, []),
    "a rule that no line checks": ({
        "docs/rules.md": RULES_HEAD +
                         "| MLS-001 | a | 1 | `mls/a.cc` `gone`; `mls/a.cc` `check` | `ATest.refuses` |\n"
                         "| MLS-002 | b | 2 | `mls/a.cc` `check` | `ATest.refuses`, `B.table` |\n"
                         "| MLS-003 | c | 3 | somewhere | `B.table` |\n"
                         "| MLS-004 | d | 4 | `mls/a.cc` `check` | no test: too hard |\n",
        "src/mls/a.cc": RULES_CODE, "src/mls/a_test.cc": RULES_TEST},
        [("docs/rules.md", n, "rules") for n in (3, 5, 6)] + [("src/mls/a.cc", 8, "rules")]),
    "a rule that no test breaks": ({
        "docs/rules.md": RULES_HEAD +
                         "| MLS-001 | a | 1 | `mls/a.cc` `check` | `ATest.gone` |\n"
                         "| MLS-002 | b | 2 | `mls/a.cc` `check`; `mls/a.cc` `operator()` | many |\n"
                         "| MLS-003 | c | 3 | by construction: so | no test: |\n",
        "src/mls/a.cc": RULES_CODE, "src/mls/a_test.cc": RULES_TEST},
        [("docs/rules.md", n, "rules") for n in (3, 4, 5)]
        + [("src/mls/a_test.cc", n, "rules") for n in (2, 3, 8, 8)]),
    "a number that is not in the table": ({
        "docs/rules.md": RULES_HEAD + "| MLS-001 | a | 1 | `mls/a.cc` `check` | `ATest.refuses` |\n",
        "src/mls/a.cc": RULES_CODE, "src/mls/a_test.cc": RULES_TEST},
        [("src/mls/a.cc", n, "rules") for n in (3, 8)] + [("src/mls/a_test.cc", n, "rules") for n in (3, 8)]),
    "the rules are numbered in any order without a gap": ({
        "docs/rules.md": RULES_HEAD +
                         "| MLS-004 | a | 1 | by construction: so | no test: so |\n"
                         "| MLS-001 | b | 2 | by construction: so | no test: so |\n"
                         "| MLS-001 | c | 3 | by construction: so | no test: so |\n| MLS-003 | d | `x` |\n"},
        [("docs/rules.md", n, "rules") for n in (1, 5, 6)]),
    "a row of features.md names tests that are there": ({
        "docs/features.md": "| row | state | what there is | test |\n|---|---|---|---|\n| **Part** | | | |\n"
                            "| a | done | | `tests/a_test.py` `test_it`; `tests/a_test.cc` `holds`; `tests/a_test.cc` |\n"
                            "| b | missing | | |\n| c | done | | |\n| d | missing | | `tests/a_test.py` `test_it` |\n"
                            "| e | partly | | `tests/a_test.py` `test_other` |\n"
                            "| g | soon | | `tests/a_test.cc` |\n| h | done |\n"
                            "| i | done | | `web/src/a.test.ts` `holds a thing`; `web/tests/a.test.mjs` `Anna's page` |\n"
                            "| j | done | | `web/src/a.test.ts` `holds another` |\n",
        "web/src/a.test.ts": "test('x', () => {});\nit('holds a thing', () => {});\n",
        "web/tests/a.test.mjs": "test(\"Anna's page\", () => {});\n",
        "tests/a_test.py": "def test_it(self):\n    pass\n",
        "tests/a_test.cc": "TEST_F(A, holds) {}\n"},
        [("docs/features.md", n, "features") for n in (6, 7, 8, 9, 10, 12)]),
    "a row of what comes that should not names tests that are there": ({
        "docs/operations.md": "| what comes | what it does | shown by |\n|---|---|---|\n| a | | `tests/a_test.py` `test_it`, `test_other` |\n"
                              "| b | | `greedy` (`bench/a.cc`) |\n| c | | |\n\n| else | | |\n",
        "docs/protocol/calls.md": "| what comes | what comes of it | shown by |\n|---|---|---|\n"
                                  "| a | | `web/src/a.test.ts` `holds a thing`; `tests/a_test.cc` `holds` |\n| b | | `web/src/a.test.ts` `holds` |\n",
        "web/src/a.test.ts": "test('holds a thing', () => {});\n",
        "bench/a.cc": "int main() {}\n",
        "tests/a_test.py": "def test_it(self):\n    pass\n",
        "tests/a_test.cc": "TEST_F(A, holds) {}\n"},
        [("docs/operations.md", n, "features") for n in (3, 5)] + [("docs/protocol/calls.md", 4, "features")]),
    "each limit of a home's configuration has a named test": ({
        "src/home/config.cc": 'visit("port", "Where.", config.port);\nvisit("a_max", "Of \\"a\\".\\n" "Two.", limits.a_max);\n'
                              'visit("b_seconds", "",\n      limits.b_time);\nvisit("c_max", "", config.c_max);\nvisit("d_max", "", limits.d_max);\n'
                              'visit("e_max", "", limits.e_max);\nvisit("f_max", "", limits.f_max);\n',
        "docs/home-limits.md": "| key | test |\n|---|---|\n| a_max | `tests/a_test.cc` `holds` |\n| b_seconds | `tests/a_test.cc` `waits` |\n"
                               "| c_max | none |\n| d_max | `tests/a_test.cc` `misses` |\n| e_max | `tests/a_test.cc` `holds` |\n"
                               "| port | `tests/a_test.cc` `holds` |\n",
        "tests/a_test.cc": "TEST_F(A, holds) { limits.a_max = 1; }\nTEST(A, waits) { limits.b_time = 1; d_max; }\n"},
        [("docs/home-limits.md", n, "limits") for n in (1, 5, 6, 7, 8)]),
}


def run(check_tree):
    """Runs every case through `check_tree`; returns the exit status."""
    failed, rules = 0, set()
    for name, (files, expected) in CASES.items():
        with tempfile.TemporaryDirectory(prefix="tidy.") as root:
            for path, text in files.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)) or root, exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            findings = check_tree(root)
        rules |= {rule for _, _, rule in expected}
        found = {finding[:3] for finding in findings}
        if found != set(expected):
            failed += 1
            print(f"FAILED: {name}")
            for finding in sorted(found - set(expected)):
                print("  not expected:", finding, [f[3] for f in findings if f[:3] == finding])
            for finding in sorted(set(expected) - found):
                print("  missing:", finding)
    print(f"tidy: {len(CASES)} cases over {len(rules)} rules, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit("run it as: tools/tidy --self-test")
