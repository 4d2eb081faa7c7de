#include "tests/replication/postgres/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace daybook::postgres {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const fs::path kPrograms = "/usr/lib/postgresql/15/bin";
constexpr std::chrono::seconds kPatience{60};
constexpr std::uint16_t kFirstPort = 20'000;  // below those that the kernel gives to clients
constexpr std::uint16_t kPorts = 12'000;

// PostgreSQL refuses to run as root.
const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) throw std::runtime_error("PostgreSQL needs the user postgres to run as");
  return user;
}

fs::path new_folder() {
  if (!fs::exists(kPrograms / "postgres"))
    throw std::runtime_error("these tests need PostgreSQL 15 in " + kPrograms.string() +
                             ": ./dev install-deps test");
  std::string path = (fs::temp_directory_path() / "daybook-pg-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder: " + path);
  if (const passwd* user = other_user();
      user != nullptr && ::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0)
    throw std::runtime_error("cannot give away " + path);
  return path;
}

// Starts a program of PostgreSQL that gets SIGQUIT when this thread ends, its words in `log`.
pid_t spawn(const std::vector<std::string>& words, const fs::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const passwd* user = other_user();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child > 0) return child;

  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // A change of user would clear it.
  if (::getppid() != parent) ::_exit(126);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::close(STDIN_FILENO);
  if (::chdir("/") == 0) ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void wait_until(const std::string& what, const std::function<bool()>& is_so) {
  for (const auto end = Clock::now() + kPatience; !is_so(); ::poll(nullptr, 0, 5))
    if (Clock::now() > end) throw std::runtime_error("PostgreSQL in a test: never " + what);
}

// The state and the parent of a process: "S", 17. A process that is gone has none.
std::pair<char, pid_t> state_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::pair<char, pid_t> state{'X', 0};
  rest >> state.first >> state.second;
  return state;
}

bool is_running(pid_t process) {
  const char state = state_of(process).first;
  return state != 'X' && state != 'Z';
}

bool is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

// After the last one that was given, and elsewhere in each process.
std::uint16_t free_port() {
  static unsigned next = static_cast<unsigned>(::getpid()) * 31;
  for (;;)
    if (const auto port = static_cast<std::uint16_t>(kFirstPort + next++ % kPorts); is_free(port))
      return port;
}

}  // namespace

PostgresServer::PostgresServer(Settings settings)
    : settings_(std::move(settings)), folder_(new_folder()) {
  initialise();
  while (!start_on_port()) port_ = free_port();
  if (!settings_.password.empty())
    run_sql("postgres", "ALTER ROLE postgres PASSWORD '" + settings_.password + "'");
}

PostgresServer::~PostgresServer() {
  thaw();
  end(SIGQUIT);
  // After `kill` it has not tidied up: the last line but one of its file names a segment.
  std::ifstream left(folder_ / "data/postmaster.pid");
  std::string line;
  for (int i = 0; i < 7; ++i) std::getline(left, line);
  int key = 0;
  int segment = 0;
  if (std::istringstream(line) >> key >> segment) ::shmctl(segment, IPC_RMID, nullptr);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

void PostgresServer::initialise() {
  const pid_t child = spawn({kPrograms / "initdb", "--pgdata=" + (folder_ / "data").string(),
                             "--auth=trust", "--username=postgres", "--encoding=UTF8",
                             "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                            folder_ / "log");
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error("initdb fails: " + log());
  std::ofstream(folder_ / "data/postgresql.conf", std::ios::app)
      << "listen_addresses = '127.0.0.1'\nunix_socket_directories = '" << folder_.string()
      << "'\nfsync = " << (settings_.fsync ? "on" : "off")
      << "\nshared_buffers = 32MB\ndynamic_shared_memory_type = mmap\n"
      << settings_.configuration << '\n';
  if (!settings_.password.empty())
    std::ofstream(folder_ / "data/pg_hba.conf")
        << "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
  port_ = free_port();
}

// False: somebody else has taken the port.
bool PostgresServer::start_on_port() {
  server_ = spawn({kPrograms / "postgres", "-D", folder_ / "data", "-p", std::to_string(port_)},
                  folder_ / "log");
  bool ended = false;
  wait_until("ready", [&] {
    ended = ::waitpid(server_, nullptr, WNOHANG) == server_;
    return ended || PQping(socket_url().c_str()) == PQPING_OK;
  });
  if (!ended) return true;
  server_ = 0;
  if (is_free(port_)) throw std::runtime_error("PostgreSQL does not start: " + log());
  return false;
}

void PostgresServer::start() {
  if (server_ != 0) return;
  wait_until("on its port again", [this] { return start_on_port(); });
}

void PostgresServer::stop() {
  end(SIGINT);
}

void PostgresServer::end(int signal) {
  if (server_ == 0) return;
  const auto all = processes();
  ::kill(server_, signal);
  wait_until_gone(all);
}

void PostgresServer::kill() {
  if (server_ == 0) return;
  ::kill(server_, SIGSTOP);  // It starts nothing more.
  const auto all = processes();
  for (const pid_t process : all) ::kill(process, SIGKILL);
  wait_until_gone(all);
}

// A stopped process does not end with its parent, so a guard ends them where the test dies.
void PostgresServer::freeze() {
  if (server_ == 0 || guard_ != 0) return;
  ::kill(server_, SIGSTOP);
  const auto all = processes();
  for (const pid_t process : all) ::kill(process, SIGSTOP);
  wait_until("frozen", [&] {
    for (const pid_t process : all)
      if (is_running(process) && state_of(process).first != 'T') return false;
    return true;
  });
  sigset_t usr1;
  ::sigemptyset(&usr1);
  ::sigaddset(&usr1, SIGUSR1);
  const pid_t parent = ::getpid();
  guard_ = ::fork();
  if (guard_ != 0) return;
  int received = 0;
  ::sigprocmask(SIG_BLOCK, &usr1, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGUSR1);
  if (::getppid() == parent) ::sigwait(&usr1, &received);
  for (const pid_t process : all) ::kill(process, SIGKILL);
  ::_exit(0);
}

void PostgresServer::thaw() {
  if (guard_ == 0) return;
  ::kill(guard_, SIGKILL);
  ::waitpid(guard_, nullptr, 0);
  guard_ = 0;
  for (const pid_t process : processes()) ::kill(process, SIGCONT);
}

// The server and its children, which each are a session of their own.
std::vector<pid_t> PostgresServer::processes() const {
  std::vector<pid_t> all{server_};
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    if (process > 0 && state_of(process).second == server_) all.push_back(process);
  }
  return all;
}

void PostgresServer::wait_until_gone(const std::vector<pid_t>& processes) {
  wait_until("gone", [&] {
    ::waitpid(server_, nullptr, WNOHANG);
    for (const pid_t process : processes)
      if (is_running(process)) return false;
    return true;
  });
  server_ = 0;
}

}  // namespace daybook::postgres
