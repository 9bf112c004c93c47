// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// CMS through OpenSSL.
#include "tools/enroll/escrow.hpp"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "hsm4/files.hpp"

namespace hsm4::enroll {

namespace {

constexpr std::size_t longest_file = 1U << 20;

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(CMS_ContentInfo* cms) const noexcept { CMS_ContentInfo_free(cms); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;
using Cms = std::unique_ptr<CMS_ContentInfo, Free>;

Outcome<Certificate> read_certificate(const std::string& path) {
    auto text = read_file(path, longest_file);
    if (!text) return Problem{"certificate " + path + ": " + std::strerror(text.error().detail)};
    const Bio memory{BIO_new_mem_buf(text->view().data(), static_cast<int>(text->size()))};
    Certificate certificate{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)};
    ERR_clear_error();
    if (!certificate) return Problem{path + " is no certificate in PEM"};
    return certificate;
}

/// PKCS #1 v1.5, which CMS takes by default, is not for new data.
bool use_oaep(CMS_RecipientInfo* recipient) {
    EVP_PKEY_CTX* context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
    return context != nullptr &&
           EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1;
}

bool add_recipient(CMS_ContentInfo* cms, X509* certificate) {
    CMS_RecipientInfo* recipient = CMS_add1_recipient_cert(cms, certificate, CMS_KEY_PARAM);
    if (recipient == nullptr) return false;
    const bool is_rsa = EVP_PKEY_is_a(X509_get0_pubkey(certificate), "RSA") == 1;
    return !is_rsa || use_oaep(recipient);
}

std::string text_of(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return std::string{data, static_cast<std::size_t>(size)};
}

}  // namespace

Outcome<std::string> envelop(View secret, const std::vector<std::string>& files) {
    const Problem failed{
        "the recovery key cannot be encrypted for the certificates; see "
        "openssl x509 -text"};
    constexpr unsigned flags = CMS_BINARY | CMS_PARTIAL;
    const Cms cms{CMS_encrypt(nullptr, nullptr, EVP_aes_256_cbc(), flags)};
    if (!cms) return failed;
    for (const std::string& file : files) {
        auto certificate = read_certificate(file);
        if (!certificate) return certificate.error();
        if (!add_recipient(cms.get(), certificate->get())) return failed;
    }
    const Bio content{BIO_new_mem_buf(secret.data(), static_cast<int>(secret.size()))};
    const Bio out{BIO_new(BIO_s_mem())};
    const bool written = CMS_final(cms.get(), content.get(), nullptr, CMS_BINARY) == 1 &&
                         PEM_write_bio_CMS_stream(out.get(), cms.get(), nullptr, 0) == 1;
    ERR_clear_error();
    if (!written) return failed;
    return text_of(out.get());
}

std::string escrow_path(const std::string& pattern, const std::string& uuid) {
    std::string path = pattern;
    const auto at = path.find("%u");
    if (at != path.npos) path.replace(at, 2, uuid);
    return path;
}

Done remove_stale_escrow(const std::string& path, const crypto::Hash& hash) {
    auto content = read_file(path, longest_file);
    if (!content) return done();
    auto found = crypto::sha256(content->view());
    if (!found) return Problem{found.error()};
    if (*found != hash) return done();
    if (::unlink(path.c_str()) != 0) return Problem{path + ": " + std::strerror(errno)};
    return done();
}

}  // namespace hsm4::enroll
