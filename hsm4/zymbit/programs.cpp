// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Running the vendor's programs, with a deadline and retries.
#include "hsm4/zymbit/programs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "hsm4/zymbit/child.hpp"
#include "hsm4/zymbit/private_file.hpp"
#include "hsm4/zymbit/retry.hpp"

namespace hsm4::zymbit {

namespace {

constexpr int status_cannot_run = 127;  // as a shell has it

/// Made before the fork: a child must not allocate more than it has to.
struct Command {
    Command(std::string program, std::string argument, const VendorFiles& files)
        : words{std::move(program), std::move(argument)}, variables{program_environment(files)} {
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        for (std::string& variable : variables) environment.push_back(variable.data());
        environment.push_back(nullptr);
    }

    std::vector<std::string> words;
    std::vector<std::string> variables;
    std::vector<char*> arguments;
    std::vector<char*> environment;
};

Error library_only() {
    return {Errc::no_software, "service that only the vendor's library and zkifc offer"};
}

/// In the child.
int become(const Command& command, int pipe) {
    if (::dup2(pipe, STDOUT_FILENO) < 0) return status_cannot_run;
    ::execve(command.words.front().c_str(), command.arguments.data(), command.environment.data());
    return status_cannot_run;
}

Result<SecretBytes> once(const Command& command, const VendorFiles& files,
                         const Deadline& deadline) {
    if (zkifc_runs(files)) return Error{Errc::occupied, "vendor's stand-alone program"};
    auto child =
        run_child([&](int pipe) { return become(command, pipe); }, longest_answer, deadline);
    if (!child && child.error().code == Errc::timeout)
        return Error{Errc::timeout, "vendor's stand-alone program that hung"};
    if (!child) return child.error();
    if (child->exit_status == status_cannot_run)
        return Error{Errc::no_software, "vendor's stand-alone program"};
    if (child->exit_status != 0 || child->output.empty())
        return Error{Errc::refused,
                     "Zymbit module, by zkunlockifs (look at the LED, the wake pin "
                     "in zkenv.conf, salt and network card)"};
    return std::move(child->output);
}

}  // namespace

Programs::Programs(std::string unlock, VendorFiles files, Clock& clock,
                   std::chrono::milliseconds budget)
    : unlock_{std::move(unlock)}, files_{std::move(files)}, clock_{&clock}, budget_{budget} {}

std::string Programs::beside(const std::string& name) const {
    const std::string directory = unlock_.substr(0, unlock_.rfind('/') + 1);
    for (const std::string& place : {directory, std::string{"/usr/sbin/"}, std::string{"/usr/bin/"},
                                     std::string{"/usr/local/bin/"}})
        if (::access((place + name).c_str(), X_OK) == 0) return place + name;
    return directory + name;
}

/// In an initramfs its driver may still be looking for it. Not every board has one.
void Programs::wait_for_network_card(const Deadline& deadline) {
    constexpr std::chrono::seconds longest{3};  // as long as the vendor's keyscript
    constexpr std::chrono::milliseconds interval{50};
    const std::chrono::microseconds share = budget_ / 3;
    const Deadline enough = deadline.at_most(std::min<std::chrono::microseconds>(longest, share));
    while (!has_network_card(files_) && !enough.expired()) clock_->sleep(interval);
}

Result<SecretBytes> Programs::run(const std::string& program, const std::string& argument) {
    const Deadline deadline{*clock_, budget_};
    wait_for_network_card(deadline);
    const Command command{program, argument, files_};
    return with_retries(*clock_, deadline, [&] { return once(command, files_, deadline); });
}

Result<SecretBytes> Programs::run_with(const std::string& program, View content) {
    auto file = PrivateFile::make(files_.run, content);
    if (!file) return file.error();
    return run(program, file->path());
}

Result<Identity> Programs::identify() {
    return Identity{.model = {}, .firmware = {}, .serial = serial_from({}, files_)};
}

Result<Bytes> Programs::lock(View plaintext) {
    auto locked = run_with(beside("zklockifs"), plaintext);
    if (!locked) return locked.error();
    return Bytes{locked->view().begin(), locked->view().end()};
}

Result<SecretBytes> Programs::unlock(View locked) { return run_with(unlock_, locked); }

Result<SecretBytes> Programs::random(std::size_t size) {
    auto bytes = run(beside("zkgrifs"), std::to_string(size));
    if (bytes && bytes->size() != size) return Error{Errc::malformed, "random bytes of zkgrifs"};
    return bytes;
}

Result<State> Programs::state() { return library_only(); }

Status Programs::led(const LedOrder& /*order*/) { return library_only(); }

Result<PerimeterTimes> Programs::perimeter() { return library_only(); }

Status Programs::clear_perimeter(std::uint32_t /*known*/) { return library_only(); }

Status Programs::set_perimeter_action(std::uint8_t /*channel*/, PerimeterAction /*action*/) {
    return library_only();
}

}  // namespace hsm4::zymbit
