package dev.simrelay

import android.content.Intent
import android.security.KeyChain
import org.json.JSONArray
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.ConscryptMode
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStore
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.Security
import java.security.cert.Certificate
import java.security.cert.CertificateFactory
import java.util.Base64
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext

/** The phone's `AndroidCAStore`, which Robolectric has not: what it trusts is what a test puts there. */
class PhoneStore : KeyStoreSpi() {
    override fun engineAliases(): Enumeration<String> = Collections.enumeration(trusted.keys)
    override fun engineGetCertificate(alias: String): Certificate? = trusted[alias]
    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
    override fun engineGetKey(alias: String, password: CharArray?): Key? = null
    override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null
    override fun engineGetCreationDate(alias: String): Date? = null
    override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?) = Unit
    override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?) = Unit
    override fun engineSetCertificateEntry(alias: String, certificate: Certificate) = Unit
    override fun engineDeleteEntry(alias: String) = Unit
    override fun engineContainsAlias(alias: String) = alias in trusted
    override fun engineSize() = trusted.size
    override fun engineIsKeyEntry(alias: String) = false
    override fun engineIsCertificateEntry(alias: String) = alias in trusted
    override fun engineGetCertificateAlias(certificate: Certificate): String? = null
    override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit

    companion object {
        val trusted = HashMap<String, Certificate>()
    }
}

class PhoneProvider : Provider("PhoneStore", "1", "the phone's trust store of a test") {
    init {
        put("KeyStore.AndroidCAStore", PhoneStore::class.java.name)
    }
}

@RunWith(ShellTestRunner::class)
// Conscrypt breaks the TLS of the JDK that the receiver uses; the app itself uses neither.
@ConscryptMode(ConscryptMode.Mode.OFF)
class TrustTest {
    private val lab = Lab()

    @Before
    fun phone() {
        PhoneStore.trusted.clear()
        Security.addProvider(PhoneProvider())
    }

    @After
    fun stop() {
        lab.close()
        Security.removeProvider("PhoneStore")
    }

    @Test
    fun `a receiver is trusted if the phone trusts its authority`(): Unit = Receiver(server()).use { receiver ->
        PhoneStore.trusted["user:ca"] = authority()
        lab.start()
        lab.network(validated = true)
        lab.webhook("sms:received", receiver)
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertEquals("sms:received", receiver.next().getString("event"))
    }

    @Test
    fun `a receiver is not trusted before the owner installs its authority, and is at once after that`(): Unit =
        Receiver(server()).use { receiver ->
            lab.start()
            lab.network(validated = true)
            lab.webhook("sms:received", receiver)
            lab.sms(listOf(Pdus.HOW_ARE_YOU))
            lab.eventually("the attempt fails over the certificate") { failures().isNotEmpty() }
            assertTrue("${failures()}", failures().single().contains("tls", ignoreCase = true))
            PhoneStore.trusted["user:ca"] = authority()
            lab.app.sendBroadcast(Intent(KeyChain.ACTION_TRUST_STORE_CHANGED))
            lab.settle()
            lab.sms(listOf(Pdus.HOW_ARE_YOU))
            assertEquals("sms:received", receiver.next().getString("event"))
        }

    /** The classes of the attempts that failed. */
    private fun failures(): List<String> {
        val logs = JSONArray(lab.call("GET", "/logs", null, 200))
        return (0 until logs.length()).map(logs::getJSONObject).filter { it.getString("priority") != "INFO" }
            .mapNotNull { it.optJSONObject("context")?.optString("class") }.filter { it.isNotEmpty() }
    }

    private fun authority(): Certificate = CertificateFactory.getInstance("X.509").generateCertificate(resource("ca.pem"))

    private fun server(): SSLContext {
        val password = "changeit".toCharArray()
        val store = KeyStore.getInstance("PKCS12")
        store.load(Base64.getMimeDecoder().wrap(resource("server.p12.base64")), password)
        val keys = KeyManagerFactory.getInstance("SunX509").apply { init(store, password) }
        return SSLContext.getInstance("TLS", "SunJSSE").apply { init(keys.keyManagers, null, null) }
    }

    private fun resource(name: String): InputStream = checkNotNull(TrustTest::class.java.getResourceAsStream("trust/$name"))
}
