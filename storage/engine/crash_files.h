// Open files and directories of a CrashFileSystem.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "storage/engine/crash_io.h"

namespace daybook::engine {

using DiskPtr = std::shared_ptr<CrashFileSystem::Disk>;

std::unique_ptr<rocksdb::FSSequentialFile> crash_file(
    DiskPtr disk, const std::string& path, std::unique_ptr<rocksdb::FSSequentialFile> file);
std::unique_ptr<rocksdb::FSRandomAccessFile> crash_file(
    DiskPtr disk, const std::string& path, std::unique_ptr<rocksdb::FSRandomAccessFile> file);
// Appends behind what the file holds.
std::unique_ptr<rocksdb::FSWritableFile> crash_file(DiskPtr disk, const std::string& path,
                                                    InodePtr inode);
std::unique_ptr<rocksdb::FSDirectory> crash_directory(DiskPtr disk, const std::string& path);

}  // namespace daybook::engine
