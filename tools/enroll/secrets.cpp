// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Reading and asking for secrets.
#include "tools/enroll/secrets.hpp"

#include "tools/enroll/key_file.hpp"
#include "tools/enroll/prompt.hpp"

namespace hsm4::enroll {

namespace {

constexpr std::size_t longest_pin = 64;

Done check_pin(const SecretBytes& pin) {
    if (pin.empty() || pin.size() > longest_pin)
        return Problem{"a PIN has 1 to 64 bytes; nothing was changed"};
    return done();
}

/// A PIN file may end its line: a PIN is typed, so it cannot hold a line end.
Outcome<SecretBytes> read_pin_file(const std::string& path) {
    auto pin = read_key_file(path);
    if (pin && pin->view().back() == std::byte{'\n'}) pin->shorten(pin->size() - 1);
    return pin;
}

}  // namespace

Outcome<SecretBytes> Secrets::question(const std::string& text, const char* instead) const {
    if (options_->no_prompt)
        return Problem{"\"" + text + "\" would have to be asked; use " + instead};
    return ask(text, instead);
}

Outcome<View> Secrets::existing_key(const std::string& device) {
    if (options_->unlock_key_file.empty()) {
        auto typed = question("Existing passphrase of " + device,
                              "--unlock-key-file=FILE (- is standard input)");
        if (!typed) return typed.error();
        key_ = std::move(*typed);
    } else if (!key_) {
        auto read = read_key_file(options_->unlock_key_file);
        if (!read) return read.error();
        key_ = std::move(*read);
    }
    return key_->view();
}

Outcome<View> Secrets::current_pin() {
    if (current_pin_) return current_pin_->view();
    auto pin = options_->unlock_pin_file.empty() ? question("Current PIN", "--unlock-pin-file=FILE")
                                                 : read_pin_file(options_->unlock_pin_file);
    if (!pin) return pin.error();
    current_pin_ = std::move(*pin);
    return current_pin_->view();
}

Outcome<SecretBytes> Secrets::ask_new_pin() const {
    auto first = question("New PIN", "--pin-file=FILE");
    if (!first) return first;
    auto second = question("New PIN again", "--pin-file=FILE");
    if (!second) return second;
    if (!equal_secret(first->view(), second->view()))
        return Problem{"the two PINs differ; nothing was changed"};
    return first;
}

Outcome<View> Secrets::new_pin() {
    if (new_pin_) return new_pin_->view();
    auto pin = options_->pin_file.empty() ? ask_new_pin() : read_pin_file(options_->pin_file);
    if (!pin) return pin.error();
    if (Done fits = check_pin(*pin); !fits) return fits.error();
    new_pin_ = std::move(*pin);
    return new_pin_->view();
}

}  // namespace hsm4::enroll
