// What a disk still knows after a power cut: for every file which bytes were synced, for every
// directory which names were. The files themselves are real; this keeps the difference.
//
// A synced file whose directory was not synced may be gone. Changes of one directory survive in
// their order, as journals of file systems keep it (RocksDB relies on it: CURRENT must not be seen
// before the MANIFEST that it names); different directories know nothing of each other. Making or
// removing a whole directory counts as durable at once.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace daybook::engine {

// One file, whatever its names. A hard link in the scratch directory keeps it while any name may
// come back; the last owner removes that link.
class Inode {
 public:
  Inode(std::string anchor, std::uint64_t size)
      : anchor_(std::move(anchor)), size_(size), synced_(size) {}
  ~Inode();
  Inode(const Inode&) = delete;
  Inode& operator=(const Inode&) = delete;

  const std::string& anchor() const { return anchor_; }
  std::uint64_t size() const { return size_; }
  std::uint64_t synced() const { return synced_; }

  int truncate();
  void appended(std::uint64_t bytes);
  void synced_up_to(std::uint64_t size);
  // Makes the file what a crash leaves of it: of each 4 KiB page that was not synced any version
  // survives that was ever written, or zeros; the file may end anywhere behind what was synced.
  void lose_unsynced(std::mt19937_64& random, unsigned keep_percent);

 private:
  std::uint64_t torn_page_end(std::uint64_t from, std::uint64_t to, std::mt19937_64& random,
                              unsigned keep_percent) const;

  std::string anchor_;
  std::uint64_t size_;
  std::uint64_t synced_;
  std::vector<std::uint64_t> write_ends_;  // of the writes since the last sync
};

using InodePtr = std::shared_ptr<Inode>;

class CrashDisk {
 public:
  // `scratch` must be on the same file system as the data; it is emptied now and at the end.
  explicit CrashDisk(std::string scratch);
  ~CrashDisk();
  CrashDisk(const CrashDisk&) = delete;
  CrashDisk& operator=(const CrashDisk&) = delete;

  // Each does the real thing, too, and returns 0 or an errno.
  int create(const std::string& path, InodePtr* made);  // an existing file becomes empty
  int open(const std::string& path, InodePtr* found);
  int remove(const std::string& path);
  int rename(const std::string& from, const std::string& to);
  int link(const std::string& from, const std::string& to);
  // How many changes the directory has seen, and: makes the first so many durable.
  std::uint64_t changes(const std::string& path);
  void sync_directory(const std::string& path, std::uint64_t changes);
  void forget_directory(const std::string& path);  // it was removed

  // Leaves on disk what a power cut could leave, chosen by the seed.
  void crash(std::uint64_t seed);
  // What is on disk now is all there is: nothing of it is unsynced.
  void forget();

 private:
  using Names = std::map<std::string, InodePtr>;

  // A change of names since the last sync: `removed` goes, then `added` stands for `inode`.
  struct Change {
    std::string removed;
    std::string added;
    InodePtr inode;
  };

  struct Directory {
    Names durable;
    Names now;
    std::deque<Change> changes;  // since `durable`
    std::uint64_t synced_changes = 0;
  };

  struct Place {
    std::string directory;
    std::string name;
  };
  static Place place_of(const std::string& path);

  Directory& directory(const std::string& path);
  InodePtr find(const Place& place);
  InodePtr adopt(const std::string& path);
  std::string new_anchor();
  static void apply(Names& names, const Change& change);
  void change(const std::string& directory, Change change);
  void rewrite_names(const std::string& path, const Directory& directory, const Names& kept);

  std::string scratch_;
  std::uint64_t anchors_ = 0;
  std::map<std::string, Directory> directories_;
};

}  // namespace daybook::engine
