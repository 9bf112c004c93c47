// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Printing findings and plan.
#include "tools/rootfs/convert.hpp"

#include <cstdio>

#include "hsm4/json.hpp"
#include "tools/rootfs/rate.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace {

void print_finding(const Finding& finding) {
    std::printf("%-8s %-12s %s\n", name_of(finding.severity), finding.check, finding.what.c_str());
    if (!finding.advice.empty()) std::printf("%21s -> %s\n", "", finding.advice.c_str());
}

/// 0 when it cannot be measured.
std::uint64_t seconds_for(const Preflight& preflight) {
    const SystemClock clock;
    auto rates = measure_rates(preflight.request.root + "/var/tmp", clock);
    return rates ? estimate_seconds(*preflight.plan, rates->read, rates->write) : 0;
}

void print_plan(const Plan& plan, std::uint64_t seconds) {
    const auto line = [](const char* what, std::uint64_t bytes) {
        std::printf("  %-44s %10s\n", what, in_units(bytes).c_str());
    };
    std::puts("Plan:");
    line("root partition", plan.partition);
    line("file system now", plan.file_system);
    line("  of it used", plan.used);
    line("file system while it is encrypted", plan.shrunk);
    line("read, encrypted and written in place", plan.encrypted);
    line("unused: discarded, or overwritten", plan.discarded);
    line("file system at the end", plan.final_size);
    if (seconds != 0)
        std::printf("  %-44s %s\n", "time at the measured speed of the disk",
                    in_minutes(seconds).c_str());
}

void print_text(const Preflight& preflight) {
    print_findings(preflight.findings);
    if (preflight.plan) print_plan(*preflight.plan, seconds_for(preflight));
    std::puts(preflight.findings.refused() ? "This system cannot be converted as it is."
                                           : "Nothing stands in the way. Nothing was changed.");
}

void add_text(json_object* object, const char* name, const std::string& text) {
    json_object_object_add(object, name,
                           json_object_new_string_len(text.data(), static_cast<int>(text.size())));
}

json_object* plan_json(const Plan& plan, std::uint64_t seconds) {
    json_object* object = json_object_new_object();
    const auto add = [&](const char* name, std::uint64_t value) {
        json_object_object_add(object, name, json_object_new_int64(static_cast<int64_t>(value)));
    };
    add("partition", plan.partition);
    add("file_system", plan.file_system);
    add("used", plan.used);
    add("shrunk", plan.shrunk);
    add("encrypted", plan.encrypted);
    add("discarded", plan.discarded);
    add("final_size", plan.final_size);
    add("seconds", seconds);
    return object;
}

void print_json(const Preflight& preflight) {
    const json::Owner report{json_object_new_object()};
    json_object* findings = json_object_new_array();
    for (const Finding& finding : preflight.findings.list()) {
        json_object* one = json_object_new_object();
        add_text(one, "severity", name_of(finding.severity));
        add_text(one, "check", finding.check);
        add_text(one, "what", finding.what);
        add_text(one, "advice", finding.advice);
        json_object_array_add(findings, one);
    }
    json_object_object_add(report.get(), "findings", findings);
    if (preflight.plan)
        json_object_object_add(report.get(), "plan",
                               plan_json(*preflight.plan, seconds_for(preflight)));
    json_object_object_add(report.get(), "possible",
                           json_object_new_boolean(!preflight.findings.refused()));
    std::puts(json_object_to_json_string_ext(report.get(), JSON_C_TO_STRING_PLAIN));
}

}  // namespace

void print_findings(const Findings& findings) {
    for (const Finding& finding : findings.list()) print_finding(finding);
    std::fflush(stdout);
}

int show_plan(Request request, bool as_json) {
    if (!request.cipher.empty()) {
        if (auto cipher = cipher_by_name(request.cipher); !cipher) {
            std::fprintf(stderr, "hsm4-rootfs: %s\n", cipher.error().text.c_str());
            return cipher.error().exit_code;
        }
    }
    const Preflight preflight = examine(std::move(request));
    as_json ? print_json(preflight) : print_text(preflight);
    return preflight.findings.refused() ? enroll::exit_refused : enroll::exit_done;
}

}  // namespace hsm4::rootfs
