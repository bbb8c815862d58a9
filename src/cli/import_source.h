#pragma once
// Opens an export of another messenger: a file with media beside it, or a zip file. Everything in it comes from outside.

#include <memory>
#include <string>

#include "base/result.h"
#include "moving/import_source.h"

namespace godwit::cli {

/// Opens a file, a folder with a result.json, or a zip file. kFileNoAccess, kZipDamaged, kZipBomb, kZipNoChat; what it gives fails with
/// kFileNoAccess, kZipDamaged, kZipBomb.
Result<std::unique_ptr<moving::ImportSource>> open_import(const std::string& path);

}  // namespace godwit::cli
