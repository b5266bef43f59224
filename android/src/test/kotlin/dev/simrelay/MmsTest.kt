package dev.simrelay

import android.Manifest.permission.READ_SMS
import android.app.Application
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.content.ContentProvider
import android.content.ContentValues
import android.content.Intent
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.provider.Telephony.Sms.Intents
import dev.simrelay.receiving.MmsReader
import dev.simrelay.running.DrainJob
import dev.simrelay.running.DrainJobs
import dev.simrelay.running.GatewayService
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ContentProviderController
import org.robolectric.shadows.ShadowContentResolver
import org.robolectric.util.ReflectionHelpers
import java.nio.charset.Charset
import java.util.Base64

/** The phone's MMS, as its messaging app writes them: row first, parts after it. */
class MmsProvider : ContentProvider() {
    class Message(val id: Long, val parts: MutableList<Part> = mutableListOf(), val date: Long = 1_700_000_000)

    class Part(val id: Long, val type: String, val name: String?, val text: String?, val charset: Int = 106)

    val messages = mutableListOf<Message>()

    @Volatile
    var isThere = true

    /** Every reading fails like this. */
    @Volatile
    var problem: RuntimeException? = null

    override fun query(uri: Uri, columns: Array<String>?, where: String?, values: Array<String>?, order: String?): Cursor? {
        problem?.let { throw it }
        if (!isThere) return null
        val cursor = MatrixCursor(columns!!)
        when {
            uri.lastPathSegment == "addr" -> cursor.addRow(arrayOf("+15550100200"))
            uri.lastPathSegment == "part" -> messages.single { it.id == values!![0].toLong() }.parts.forEach {
                cursor.addRow(arrayOf<Any?>(it.id, it.type, it.name, null, null, null, it.text, null, it.charset))
            }
            where == "date <= ?" -> messages.filter { it.date <= values!![0].toLong() }.maxByOrNull { it.id }
                ?.let { cursor.addRow(arrayOf(it.id)) }
            else -> messages.filter { it.id > values!![0].toLong() }.forEach {
                cursor.addRow(arrayOf<Any?>(it.id, it.date, 0L, "Fr\u00C3\u00BChling", 106, -1))
            }
        }
        return cursor
    }

    override fun onCreate() = true
    override fun getType(uri: Uri): String? = null
    override fun insert(uri: Uri, values: ContentValues?): Uri? = null
    override fun delete(uri: Uri, where: String?, values: Array<String>?) = 0
    override fun update(uri: Uri, change: ContentValues?, where: String?, values: Array<String>?) = 0
}

@RunWith(ShellTestRunner::class)
class MmsTest {
    private val lab = Lab()
    private val receiver = Receiver()
    private val provider = ContentProviderController.of(MmsProvider()).create("mms").get()
    private val picture = byteArrayOf(-1, -40, 1, 2, 3)

    @Before
    fun start() {
        ShadowContentResolver.registerProviderInternal("mms", provider)
        shadowOf(lab.app as Application).grantPermissions(READ_SMS)
        provider.messages += MmsProvider.Message(6)
        lab.start()
        lab.network(validated = true)
        lab.webhook("mms:downloaded", receiver)
        lab.settle()
    }

    @After
    fun stop() {
        lab.close()
        receiver.close()
    }

    @Test
    fun `an MMS is told once all its parts are there, and once only`() {
        val message = MmsProvider.Message(7)
        provider.messages += message
        assertNotNull("no part yet", look(quiet = true))
        message.parts += MmsProvider.Part(1, "application/smil", null, """<img src="cid:p.jpg"/><text src="t.txt"/>""")
        message.parts += MmsProvider.Part(2, "text/plain", "t.txt", "Gr\u00FC\u00DFe")
        assertNotNull("the picture of the layout is missing", look(quiet = true))
        message.parts += MmsProvider.Part(3, "image/jpeg", "P.jpg", null)
        assertNotNull("the picture has no content", look(quiet = true))
        shadowOf(lab.app.contentResolver).registerInputStreamSupplier(Uri.parse("content://mms/part/3")) {
            picture.inputStream()
        }
        assertNotNull("changed just now", look(quiet = false))
        receiver.assertNothing()
        assertNull(look(quiet = true))
        val payload = receiver.next().getJSONObject("payload")
        assertEquals("+15550100200", payload.getString("sender"))
        assertEquals("Fr\u00FChling", payload.getString("subject"))
        assertEquals("Gr\u00FC\u00DFe", payload.getString("body"))
        val attachment = payload.getJSONArray("attachments").getJSONObject(0)
        assertEquals("image/jpeg", attachment.getString("contentType"))
        assertEquals("P.jpg", attachment.getString("name"))
        assertEquals(3, attachment.getInt("partId"))
        assertEquals(picture.size, attachment.getInt("size"))
        assertEquals(1, payload.getJSONArray("attachments").length())
        assertNull(look(quiet = true))
        lab.eventually("it is delivered") { lab.app.core.status()!!.pending == 0L }
        receiver.assertNothing()
    }

    @Test
    fun `a text in a character set that nobody knows is an attachment with its bytes`() {
        val bytes = byteArrayOf(0x47, 0x72, -127, -31)
        val (known, unknown) = 2252 to 9999
        for ((id, charset) in listOf(1L to known, 2L to unknown)) {
            shadowOf(lab.app.contentResolver).registerInputStreamSupplier(Uri.parse("content://mms/part/$id")) { bytes.inputStream() }
            provider.messages += MmsProvider.Message(6 + id).apply {
                parts += MmsProvider.Part(id, "text/plain", "t.txt", null, charset)
            }
        }
        assertNull(look(quiet = true))
        val payloads = List(2) { receiver.next().getJSONObject("payload") }
        val told = payloads.single { it.has("body") }
        assertEquals(String(bytes, Charset.forName("windows-1252")), told.getString("body"))
        val kept = (payloads - told).single().getJSONArray("attachments").getJSONObject(0)
        assertEquals("text/plain", kept.getString("contentType"))
        assertEquals("t.txt", kept.getString("name"))
        assertEquals(bytes.size, kept.getInt("size"))
        assertEquals(bytes.toList(), Base64.getDecoder().decode(kept.getString("data")).toList())
    }

    @Test
    fun `what the phone held before the first start is not told`() {
        assertEquals(6, lab.app.preferences.mmsToldUpTo)
        assertNull(look(quiet = true))
        receiver.assertNothing()
    }

    @Test
    fun `an MMS that stays unfinished keeps back no other and is told at last`() {
        provider.messages += MmsProvider.Message(7).apply { parts += MmsProvider.Part(1, "image/jpeg", "p.jpg", null) }
        provider.messages += MmsProvider.Message(8).apply { parts += MmsProvider.Part(2, "text/plain", null, "whole") }
        look(quiet = false)
        assertNotNull("7 is unfinished", look(quiet = true))
        assertEquals("whole", receiver.next().getJSONObject("payload").getString("body"))
        assertEquals("7 is not done", 6, lab.app.preferences.mmsToldUpTo)
        lab.sleep(MmsReader.PATIENCE_MILLIS)
        assertNull(lab.app.mms.tellWhole())
        assertFalse(receiver.next().getJSONObject("payload").has("body"))
        assertEquals(8, lab.app.preferences.mmsToldUpTo)
    }

    @Test
    fun `the service looks when the provider changes, and again until the parts are complete`() {
        val message = MmsProvider.Message(7)
        provider.messages += message
        changed()
        message.parts += MmsProvider.Part(1, "text/plain", null, "whole")
        changed()
        assertTrue("awake until then", lab.app.wakeLock.isHeld)
        receiver.assertNothing()
        // From here on nobody looks but the watcher, by its own clock.
        lab.sleep(MmsReader.SETTLED_MILLIS)
        assertEquals("whole", receiver.next().getJSONObject("payload").getString("body"))
        lab.eventually("it is remembered") { lab.app.preferences.mmsToldUpTo == 7L }
        changed()
        lab.eventually("it is delivered") { lab.app.core.status()!!.pending == 0L }
        receiver.assertNothing()
    }

    @Test
    fun `after the phone's messages were cleared and restored only what is new is told`() {
        provider.messages += whole(7, "told")
        assertNull(look(quiet = true))
        assertEquals("told", receiver.next().getJSONObject("payload").getString("body"))
        provider.messages.clear()
        assertNull(look(quiet = true))
        assertEquals("ids begin again", 0, lab.app.preferences.mmsToldUpTo)
        // As if nobody had looked in between.
        lab.app.preferences.mmsToldUpTo = 7
        provider.messages += whole(1, "restored")
        provider.messages += whole(2, "new", date = System.currentTimeMillis() / 1_000 + 60)
        assertNull(look(quiet = true))
        assertEquals("new", receiver.next().getJSONObject("payload").getString("body"))
        assertEquals(2, lab.app.preferences.mmsToldUpTo)
        assertNull(look(quiet = true))
        lab.eventually("it is delivered") { lab.app.core.status()!!.pending == 0L }
        receiver.assertNothing()
    }

    @Test
    fun `a provider that does not answer changes nothing`() {
        provider.isThere = false
        for (mark in listOf(-1L, 6L)) {
            lab.app.preferences.mmsToldUpTo = mark
            assertNull(look(quiet = true))
            assertEquals(mark, lab.app.preferences.mmsToldUpTo)
        }
    }

    @Test
    fun `MMS that cannot be read are no reason not to run`() {
        provider.problem = SecurityException("not allowed")
        lab.stopService()
        lab.runService()
        lab.eventually("the API listens") { lab.app.core.status()!!.serving }
        assertNull(lab.problem())
        lab.stopService()
        assertTrue(job.onStartJob(parameters(DrainJobs.DRAIN)))
        lab.eventually("the job ends") { shadowOf(job).isJobFinished }
        assertNull(lab.problem())
        assertFalse(shadowOf(job).isRescheduleNeeded)
    }

    private fun whole(id: Long, text: String, date: Long = 1_700_000_000) =
        MmsProvider.Message(id, mutableListOf(MmsProvider.Part(id, "text/plain", null, text)), date)

    @Test
    fun `without the permission nothing is read`() {
        shadowOf(lab.app as Application).denyPermissions(READ_SMS)
        provider.messages += MmsProvider.Message(7).apply { parts += MmsProvider.Part(1, "text/plain", null, "x") }
        assertNull(look(quiet = true))
        assertEquals(6, lab.app.preferences.mmsToldUpTo)
    }

    @Test
    fun `a notification without a service plans a job, which tells the whole MMS`() {
        lab.stopService()
        notified("t-1")
        val planned = checkNotNull(jobs.getPendingJob(DrainJobs.AWAIT_MMS))
        val uris = planned.triggerContentUris!!.map { "${it.uri}" }.toSet()
        assertEquals(setOf("content://mms", "content://mms-sms/"), uris)
        provider.messages += MmsProvider.Message(7).apply { parts += MmsProvider.Part(1, "text/plain", null, "whole") }
        assertTrue(job.onStartJob(parameters(DrainJobs.AWAIT_MMS)))
        lab.eventually("it looks again") { jobs.getPendingJob(DrainJobs.LOOK_AGAIN) != null }
        lab.eventually("the job ends") { shadowOf(job).isJobFinished }
        receiver.assertNothing()
        lab.sleep(jobs.getPendingJob(DrainJobs.LOOK_AGAIN)!!.minLatencyMillis)
        assertTrue(job.onStartJob(parameters(DrainJobs.LOOK_AGAIN)))
        assertEquals("whole", receiver.next().getJSONObject("payload").getString("body"))
        lab.eventually("it is remembered") { lab.app.preferences.mmsToldUpTo == 7L }
        assertTrue(job.onStopJob(parameters(DrainJobs.LOOK_AGAIN)))
        lab.settle()
    }

    @Test
    fun `after the owner said stop a notification plans nothing`() {
        lab.runService(GatewayService.stop(lab.app))
        lab.stopService()
        notified("t-2")
        assertNull(jobs.getPendingJob(DrainJobs.AWAIT_MMS))
    }

    private val jobs get() = lab.app.service<JobScheduler>()
    private val job by lazy { Robolectric.buildService(DrainJob::class.java).create().get() }

    private fun notified(transaction: String) = lab.broadcast(
        Intent(Intents.WAP_PUSH_RECEIVED_ACTION).setType("application/vnd.wap.mms-message")
            .putExtra("data", Pdus.mmsNotification(transaction)),
    )

    private fun parameters(id: Int): JobParameters =
        ReflectionHelpers.newInstance(JobParameters::class.java).also { ReflectionHelpers.setField(it, "jobId", id) }

    /** As the provider tells whoever watches it. */
    private fun changed() {
        lab.app.contentResolver.notifyChange(Uri.parse("content://mms-sms/"), null)
        lab.settle()
    }

    /** Looks, and if [quiet] again after a while in which nothing changed; how it ended. */
    private fun look(quiet: Boolean): Long? {
        val first = lab.app.mms.tellWhole()
        if (!quiet) return first
        lab.sleep(MmsReader.SETTLED_MILLIS)
        return lab.app.mms.tellWhole()
    }
}
