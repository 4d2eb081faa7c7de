#include "storage/engine/crash_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>

#include "storage/base/check.h"

namespace daybook::engine {
namespace {

constexpr std::uint64_t kPage = 4096;

bool chance(std::mt19937_64& random, unsigned percent) {
  return random() % 100 < percent;
}

// "a/b/" and "a//b" are the directory "a/b".
std::string plain(const std::string& directory) {
  return std::filesystem::path(directory + "/").lexically_normal().parent_path().string();
}

void write_zeros(int file, std::uint64_t from, std::uint64_t to) {
  static const std::vector<char> zeros(kPage, 0);
  const auto wanted = static_cast<ssize_t>(to - from);
  CHECK(::pwrite(file, zeros.data(), to - from, static_cast<off_t>(from)) == wanted);
}

}  // namespace

Inode::~Inode() {
  ::unlink(anchor_.c_str());
}

void Inode::appended(std::uint64_t bytes) {
  size_ += bytes;
  write_ends_.push_back(size_);
}

// As O_TRUNC does it: for all names of the file, and what was synced is gone, too.
int Inode::truncate() {
  if (::truncate(anchor_.c_str(), 0) != 0) return errno;
  size_ = synced_ = 0;
  write_ends_.clear();
  return 0;
}

void Inode::synced_up_to(std::uint64_t size) {
  synced_ = std::max(synced_, size);
  std::erase_if(write_ends_, [this](std::uint64_t end) { return end <= synced_; });
}

// Where the surviving version of the page [from, to) ends; the rest of it reads as zero.
std::uint64_t Inode::torn_page_end(std::uint64_t from, std::uint64_t to, std::mt19937_64& random,
                                   unsigned keep_percent) const {
  if (chance(random, keep_percent)) return to;
  std::vector<std::uint64_t> ends{from};
  for (const std::uint64_t end : write_ends_)
    if (from < end && end < to) ends.push_back(end);
  return ends[random() % ends.size()];
}

void Inode::lose_unsynced(std::mt19937_64& random, unsigned keep_percent) {
  if (synced_ == size_) return;
  const std::uint64_t unsynced = size_ - synced_;
  std::uint64_t end = synced_ + random() % (unsynced + 1);
  if (chance(random, 25)) end = synced_;
  if (chance(random, keep_percent)) end = size_;

  const int file = ::open(anchor_.c_str(), O_WRONLY | O_CLOEXEC);
  CHECK(file >= 0);
  CHECK(::ftruncate(file, static_cast<off_t>(end)) == 0);
  for (std::uint64_t from = synced_; from < end;) {
    const std::uint64_t to = std::min(end, (from / kPage + 1) * kPage);
    const std::uint64_t survived = torn_page_end(from, to, random, keep_percent);
    if (survived < to) write_zeros(file, survived, to);
    from = to;
  }
  ::close(file);
  size_ = synced_ = end;
  write_ends_.clear();
}

CrashDisk::CrashDisk(std::string scratch) : scratch_(std::move(scratch)) {
  std::filesystem::remove_all(scratch_);
  std::filesystem::create_directories(scratch_);
}

CrashDisk::~CrashDisk() {
  std::error_code ignored;  // The test's directory may be gone already.
  directories_.clear();
  std::filesystem::remove_all(scratch_, ignored);
}

CrashDisk::Place CrashDisk::place_of(const std::string& path) {
  const std::filesystem::path normal = std::filesystem::path(path).lexically_normal();
  return {normal.parent_path().string(), normal.filename().string()};
}

std::string CrashDisk::new_anchor() {
  return scratch_ + "/" + std::to_string(++anchors_);
}

// A file that was there before it was first touched here: all of it counts as synced.
InodePtr CrashDisk::adopt(const std::string& path) {
  const std::string anchor = new_anchor();
  if (::link(path.c_str(), anchor.c_str()) != 0) return nullptr;
  struct stat facts {};
  CHECK(::stat(anchor.c_str(), &facts) == 0);
  return std::make_shared<Inode>(anchor, static_cast<std::uint64_t>(facts.st_size));
}

CrashDisk::Directory& CrashDisk::directory(const std::string& path) {
  const auto [found, is_new] = directories_.try_emplace(path);
  if (!is_new) return found->second;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(path, absent)) {
    if (!entry.is_regular_file()) continue;
    if (const InodePtr inode = adopt(entry.path().string()))
      found->second.durable[entry.path().filename().string()] = inode;
  }
  found->second.now = found->second.durable;
  return found->second;
}

InodePtr CrashDisk::find(const Place& place) {
  Directory& in = directory(place.directory);
  const std::string path = place.directory + "/" + place.name;
  const auto known = in.now.find(place.name);
  if (known != in.now.end() && ::access(path.c_str(), F_OK) == 0) return known->second;
  in.now.erase(place.name);
  InodePtr inode = adopt(path);
  if (inode) in.durable[place.name] = in.now[place.name] = inode;
  return inode;
}

void CrashDisk::apply(Names& names, const Change& change) {
  if (!change.removed.empty()) names.erase(change.removed);
  if (!change.added.empty()) names[change.added] = change.inode;
}

void CrashDisk::change(const std::string& path, Change change) {
  Directory& in = directory(path);
  apply(in.now, change);
  in.changes.push_back(std::move(change));
}

int CrashDisk::create(const std::string& path, InodePtr* made) {
  const Place place = place_of(path);
  *made = find(place);
  if (*made) return (*made)->truncate();
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return errno;
  ::close(file);
  *made = adopt(path);
  if (!*made) return EIO;
  change(place.directory, {.removed = {}, .added = place.name, .inode = *made});
  return 0;
}

int CrashDisk::open(const std::string& path, InodePtr* found) {
  *found = find(place_of(path));
  return *found ? 0 : ENOENT;
}

int CrashDisk::remove(const std::string& path) {
  const Place place = place_of(path);
  find(place);
  if (::unlink(path.c_str()) != 0) return errno;
  change(place.directory, {.removed = place.name, .added = {}, .inode = nullptr});
  return 0;
}

int CrashDisk::rename(const std::string& from, const std::string& to) {
  const Place source = place_of(from);
  const Place target = place_of(to);
  const InodePtr inode = find(source);
  find(target);
  if (!inode) return ENOENT;
  if (::rename(from.c_str(), to.c_str()) != 0) return errno;
  if (source.directory == target.directory) {
    change(source.directory, {.removed = source.name, .added = target.name, .inode = inode});
    return 0;
  }
  change(target.directory, {.removed = {}, .added = target.name, .inode = inode});
  change(source.directory, {.removed = source.name, .added = {}, .inode = nullptr});
  return 0;
}

int CrashDisk::link(const std::string& from, const std::string& to) {
  const Place target = place_of(to);
  const InodePtr inode = find(place_of(from));
  directory(target.directory);
  if (!inode) return ENOENT;
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  change(target.directory, {.removed = {}, .added = target.name, .inode = inode});
  return 0;
}

std::uint64_t CrashDisk::changes(const std::string& path) {
  const Directory& in = directory(plain(path));
  return in.synced_changes + in.changes.size();
}

void CrashDisk::sync_directory(const std::string& path, std::uint64_t changes) {
  Directory& in = directory(plain(path));
  for (; in.synced_changes < changes && !in.changes.empty(); ++in.synced_changes) {
    apply(in.durable, in.changes.front());
    in.changes.pop_front();
  }
}

void CrashDisk::forget_directory(const std::string& path) {
  directories_.erase(plain(path));
}

// Makes the real directory show `kept`. Files that were never changed here stay untouched; what
// somebody removed behind our back stays removed.
void CrashDisk::rewrite_names(const std::string& path, const Directory& in, const Names& kept) {
  std::set<std::string> touched;
  for (const Change& change : in.changes) {
    touched.insert(change.removed);
    touched.insert(change.added);
  }
  touched.erase("");
  for (const std::string& name : touched) {
    const auto now = in.now.find(name);
    const auto then = kept.find(name);
    const InodePtr shown = now == in.now.end() ? nullptr : now->second;
    const InodePtr wanted = then == kept.end() ? nullptr : then->second;
    if (shown == wanted) continue;
    const std::string file = path + "/" + name;
    if (shown) CHECK(::unlink(file.c_str()) == 0 || errno == ENOENT);
    if (wanted) CHECK(::link(wanted->anchor().c_str(), file.c_str()) == 0 || errno == ENOENT);
  }
}

void CrashDisk::crash(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  constexpr unsigned percents[] = {0, 25, 50, 75, 100};
  const unsigned keep_names = percents[random() % std::size(percents)];
  const unsigned keep_pages = percents[random() % std::size(percents)];
  for (auto& [path, in] : directories_) {
    Names kept = in.durable;
    std::uint64_t survivors = chance(random, keep_names) ? in.changes.size() : 0;
    if (chance(random, 50)) survivors = random() % (in.changes.size() + 1);
    for (std::uint64_t i = 0; i < survivors; ++i) apply(kept, in.changes[i]);
    for (const auto& [name, inode] : kept) inode->lose_unsynced(random, keep_pages);
    rewrite_names(path, in, kept);
  }
  forget();
}

void CrashDisk::forget() {
  directories_.clear();
}

}  // namespace daybook::engine
