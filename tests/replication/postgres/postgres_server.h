// A real PostgreSQL 15 of a test's own: a new cluster in a temporary folder, on a Unix socket there
// and on a loopback port that stays the same over restarts.
//
// It ends with the thread that started it, however that ends: start it on the test's main thread.
// Everything throws std::runtime_error, for a person; so does a machine without PostgreSQL 15.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace daybook::postgres {

class PostgresServer {
 public:
  struct Settings {
    bool fsync = false;
    std::string password;       // of `postgres` over TCP; empty: everybody is let in
    std::string configuration;  // lines for postgresql.conf
  };
  PostgresServer() : PostgresServer(Settings()) {}
  explicit PostgresServer(Settings settings);  // started
  ~PostgresServer();                           // the folder goes with it
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // One for all tests of this process that leave it running.
  static PostgresServer& shared();

  void start();   // waits until it answers
  void stop();    // disconnects everybody ("fast")
  void kill();    // as a loss of power: all processes at once; the disk is kept
  void freeze();  // all processes; connections stay as they are
  void thaw();
  void restart() { stop(), start(); }

  // As the superuser `postgres`, over TCP.
  std::string url(const std::string& database = "postgres") const;
  // The same over the Unix socket, where no password is asked.
  std::string socket_url(const std::string& database = "postgres") const;
  std::uint16_t port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_; }  // of the socket
  std::string log() const;

  // An empty database of a new name, which it gives.
  std::string create_database();
  // Any statements; the rows of the last, as text; NULL is "NULL".
  using Row = std::vector<std::string>;
  std::vector<Row> run_sql(const std::string& database, const std::string& sql) const;
  // The one value of one row.
  std::string value(const std::string& database, const std::string& sql) const;

 private:
  void initialise();
  bool start_on_port();
  void end(int signal);
  std::vector<pid_t> processes() const;
  void wait_until_gone(const std::vector<pid_t>& processes);

  const Settings settings_;
  const std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t server_ = 0;  // 0: not running
  pid_t guard_ = 0;   // while it is frozen
  int databases_ = 0;
};

}  // namespace daybook::postgres
