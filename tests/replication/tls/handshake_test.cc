#include "replication/tls/handshake.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <memory>

namespace daybook {
namespace {

class HandshakeTest : public ::testing::Test {
 protected:
  X509_VERIFY_PARAM* expected() { return SSL_get0_param(ssl_.get()); }

  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()),
                                                                   SSL_CTX_free};
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{SSL_new(context_.get()), SSL_free};
};

TEST_F(HandshakeTest, AnAddressIsVerifiedWithoutItsScope) {
  ASSERT_TRUE(expect_host(ssl_.get(), "fe80::1%eth0", true));
  const std::unique_ptr<char, void (*)(char*)> address(X509_VERIFY_PARAM_get1_ip_asc(expected()),
                                                       [](char* text) { OPENSSL_free(text); });
  ASSERT_TRUE(address);
  EXPECT_STREQ("FE80:0:0:0:0:0:0:1", address.get());
}

TEST_F(HandshakeTest, ANameIsAskedForAndVerified) {
  ASSERT_TRUE(expect_host(ssl_.get(), "db.example", false));
  EXPECT_STREQ("db.example", X509_VERIFY_PARAM_get0_host(expected(), 0));
  EXPECT_STREQ("db.example", SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name));
}

TEST_F(HandshakeTest, WhatNoCertificateCanBeForIsRefused) {
  EXPECT_FALSE(expect_host(ssl_.get(), "no address", true));
  EXPECT_FALSE(expect_host(ssl_.get(), std::string(256, 'a'), false));
}

}  // namespace
}  // namespace daybook
