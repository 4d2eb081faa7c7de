// What an operator may set. Defaults are the values here; `load` puts over them, each over the one
// before: the file, the environment, the command line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/value.h"
#include "daemon/log/log.h"
#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/model/query.h"
#include "storage/model/read_model.h"

namespace daybook::config {

struct Server {
  std::vector<std::string> listen{"127.0.0.1:8011"};
  bool allow_remote = false;
  std::vector<std::string> allowed_origins;
  std::size_t io_threads = 0;    // 0: the daemon chooses
  std::size_t read_threads = 0;  // 0: the daemon chooses
  friend bool operator==(const Server&, const Server&) = default;
};

struct Storage {
  std::string data_dir = "./daybook-data";
  std::size_t reserve_bytes = 512 << 20;
  std::size_t window_bytes = 192 << 20;
  std::size_t cache_bytes = 128 << 20;
  std::size_t scrub_bytes_per_second = 1 << 20;
  friend bool operator==(const Storage&, const Storage&) = default;
};

struct Groups {
  std::size_t stall_seconds = 10;
  friend bool operator==(const Groups&, const Groups&) = default;
};

struct Platform {
  Order order = Order::ascending;
  bool lenient = false;
  friend bool operator==(const Platform&, const Platform&) = default;
};

// Of both, a URL may hold a password: it is shown without.
struct Postgres {
  std::string url;  // as libpq takes it; empty: no PostgreSQL
  std::size_t page_events = 10'000;
  friend bool operator==(const Postgres&, const Postgres&) = default;
};

struct Redis {
  // What the first connection after a start publishes: see redis::ColdStart.
  enum class Start : std::uint8_t { checkpoint, now };

  std::string url;             // see replication/redis/url.h; empty: no Redis
  std::string legacy_channel;  // empty: none
  bool envelope = false;
  std::vector<std::string> channels;  // templates: see replication/redis/channel.h
  Start start = Start::checkpoint;
  std::string stream;                      // template of keys; empty: no streams
  std::size_t stream_length_max = 0;       // 0: no bound
  std::size_t stream_age_max_seconds = 0;  // 0: no bound
  std::string ca_file;                     // empty: the system's certificates alone
  std::vector<std::string> ingest;         // patterns of PSUBSCRIBE
  friend bool operator==(const Redis&, const Redis&) = default;
};

// Where deliveries of groups may be pushed to.
struct Webhook {
  std::vector<std::string> allow;  // see replication/webhook/destinations.h
  std::string source;              // of CloudEvents; empty: "urn:daybook:<log id>"
  std::string ca_file;             // empty: the system's certificates alone
  friend bool operator==(const Webhook&, const Webhook&) = default;
};

struct Config {
  Server server;
  Storage storage;
  Limits limits;
  Groups groups;
  log::Options log;
  Platform platform;
  Postgres postgres;
  Redis redis;
  Webhook webhook;
  std::vector<ReadModel> projections;  // declared read models
};

struct Sources {
  std::optional<std::string> file;                               // path of a TOML file
  std::vector<std::pair<std::string, std::string>> environment;  // all of it; DAYBOOK_* is read
  std::vector<Assignment> assignments;  // of the command line; a later one wins
};

// Fails naming where the value came from (file:line, variable or flag), the key, what it got and
// what it accepts. An unknown key is an error that names the nearest known one.
Result<Config> load(const Sources& sources);

// The same without a file system: `text` is TOML, `name` stands in messages.
Result<Config> load_text(std::string_view text, std::string_view name);

std::vector<std::pair<std::string, std::string>> process_environment();

// Every key with its value, and every projection, as TOML that `load_text` reads back. A password
// is shown as "***", with a comment that says so: it alone does not come back.
std::string to_toml(const Config& config);

// What a re-read changes while running.
struct Reload {
  Config config;                           // as running, with the keys that may change replaced
  std::vector<std::string> changed;        // keys that took effect
  std::vector<std::string> needs_restart;  // keys that differ and did not, or "projection"
};
Reload reload(const Config& running, const Config& fresh);

}  // namespace daybook::config
