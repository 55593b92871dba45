package org.cistern.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Whom a TLS client trusts and who it is, from PEM files.
 *
 * @param context of the client
 * @param trust what the context trusts by
 */
record PemFiles(SSLContext context, X509TrustManager trust) {

    /**
     * Reads the files.
     *
     * @param ca certificates to trust; empty for those of the JDK
     * @param certificate the client's; empty for none
     * @param key of that certificate
     * @throws ConfigurationException when a file is not there or not what it should be
     */
    static PemFiles of(Optional<Path> ca, Optional<Path> certificate, Optional<Path> key) {
        if (certificate.isPresent() != key.isPresent()) {
            throw new ConfigurationException(Settings.CONSUL_CERTIFICATE.key() + " and " + Settings.CONSUL_KEY.key()
                    + " go together: set both or none.");
        }
        try {
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(ca.isPresent() ? authorities(ca.get()) : null);
            X509TrustManager trust = Stream.of(trusted.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .map(X509TrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    certificate.isPresent() ? identity(certificate.get(), key.orElseThrow()) : null,
                    new TrustManager[] {trust},
                    null);
            return new PemFiles(context, trust);
        } catch (GeneralSecurityException | IOException e) {
            throw new ConfigurationException("TLS can't be set up: " + e.getMessage() + ".", e);
        }
    }

    private static KeyStore authorities(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        int number = 0;
        for (Certificate each : certificates(Settings.CONSUL_CA, file)) {
            store.setCertificateEntry("ca" + number++, each);
        }
        return store;
    }

    private static KeyManager[] identity(Path certificate, Path key) throws GeneralSecurityException, IOException {
        Certificate[] chain =
                certificates(Settings.CONSUL_CERTIFICATE, certificate).toArray(new Certificate[0]);
        KeyStore store = empty();
        store.setKeyEntry("client", privateKey(key, chain[0].getPublicKey().getAlgorithm()), new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        return keys.getKeyManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load((InputStream) null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Setting<?> setting, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (!all.isEmpty()) {
                return all;
            }
            throw new IOException("it holds none");
        } catch (IOException | GeneralSecurityException e) {
            throw wrong(setting, file, "a file of certificates in PEM", e);
        }
    }

    private static PrivateKey privateKey(Path file, String algorithm) {
        try {
            String text = Files.readString(file)
                    .replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "")
                    .replaceAll("\\s", "");
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw wrong(Settings.CONSUL_KEY, file, "an unencrypted private key in PEM (PKCS #8)", e);
        }
    }

    private static ConfigurationException wrong(Setting<?> setting, Path file, String right, Exception cause) {
        return new ConfigurationException(setting.key() + ": '" + file + "' can't be read as " + right + ".", cause);
    }
}
