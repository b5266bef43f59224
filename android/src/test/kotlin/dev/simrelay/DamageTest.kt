package dev.simrelay

import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardOpenOption.WRITE

/** The database of a phone that runs is damaged: nobody is there who could start anything again. */
@RunWith(ShellTestRunner::class)
class DamageTest {
    private val lab = Lab()
    private val receiver = Receiver()
    private val directory = lab.app.filesDir.toPath().resolve("gateway")
    private val database = directory.resolve("simrelay.db")

    @Before
    fun start() {
        lab.start()
        lab.network(validated = true)
        lab.webhook("sms:received", receiver)
    }

    @After
    fun stop() {
        lab.close()
        receiver.close()
    }

    @Test
    fun `a gateway whose database is damaged while it runs comes back by itself, with its webhooks`() {
        // So many that most was brought home from the log, where the damage would not be met.
        repeat(MANY) { deliver("before $it") }
        val deviceId = lab.app.core.status()!!.deviceId
        val half = Files.size(database) / 2 / PAGE
        garble(from = half, pages = half)
        runCatching { lab.call("GET", "/inbox?limit=500", null, 200) }
        lab.sms(Pdus.ucs2("meanwhile", units = 60))
        assertRecovered(deviceId)
        eventuallyDelivered("meanwhile")
    }

    @Test
    fun `a gateway whose first page was overwritten starts all the same, with its webhooks`() {
        repeat(MANY) { deliver("before $it") }
        val deviceId = lab.app.core.status()!!.deviceId
        lab.stopService()
        lab.app.core.close()
        // The library closes one directory for another.
        val callbacks = NativeCallbacks(lab.app.alarm, lab.app.deliveries, lab.app.smsInbox, lab.app.sender)
        NativeBridge.open(lab.app.filesDir.resolve("elsewhere").path, lab.app.device.json().toString(), callbacks, true)
        garble(from = 0, pages = 1)
        lab.runService()
        assertRecovered(deviceId)
        lab.sms(Pdus.ucs2("after", units = 60))
        eventuallyDelivered("after")
    }

    private fun assertRecovered(deviceId: String) {
        lab.eventually("it is recovered") { lab.app.core.status()?.run { recovered && serving } == true }
        lab.eventually("the owner is told") { lab.problem() == lab.app.getString(R.string.state_recovered) }
        assertEquals(deviceId, lab.app.core.status()!!.deviceId)
        val aside = Files.list(directory).use { files -> files.filter { ".damaged-" in "${it.fileName}" }.count() }
        assertTrue("the damaged file is kept", aside > 0)
    }

    private fun garble(from: Long, pages: Long) = FileChannel.open(database, WRITE).use {
        it.write(ByteBuffer.wrap(ByteArray((pages * PAGE).toInt()) { -91 }), from * PAGE)
    }

    /** Others may come again, where what ended them is lost. */
    private fun eventuallyDelivered(text: String) {
        while (next() != text) Unit
    }

    private fun deliver(text: String) {
        lab.sms(Pdus.ucs2(text, units = 60))
        assertEquals(text, next())
    }

    private fun next(): String = receiver.next().getJSONObject("payload").getString("message")

    private companion object {
        const val MANY = 100
        const val PAGE = 4_096
    }
}
