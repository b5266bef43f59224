package dev.simrelay

import android.Manifest.permission.READ_SMS
import android.app.Application
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.content.ContentProvider
import android.content.ContentValues
import android.content.Intent
import android.database.Cursor
import android.database.sqlite.SQLiteDatabase
import android.net.Uri
import android.telephony.SubscriptionManager
import dev.simrelay.running.DrainJobs
import dev.simrelay.running.GatewayService
import dev.simrelay.running.InboxJob
import dev.simrelay.running.InboxJobs
import org.json.JSONObject
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
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowContentResolver
import org.robolectric.shadows.ShadowSubscriptionManager.SubscriptionInfoBuilder
import org.robolectric.util.ReflectionHelpers
import java.time.Duration
import java.time.Instant
import java.time.OffsetDateTime

/** The phone's SMS, as its telephony keeps them: a table of a real SQLite, so that what is asked is real SQL. */
class SmsProvider : ContentProvider() {
    private val database by lazy {
        SQLiteDatabase.create(null).apply {
            execSQL(
                "CREATE TABLE sms (_id INTEGER PRIMARY KEY, address TEXT, body TEXT, date INTEGER, " +
                    "date_sent INTEGER DEFAULT 0, sub_id INTEGER DEFAULT -1, type INTEGER)",
            )
        }
    }

    /** Every reading fails like this. */
    @Volatile
    var problem: RuntimeException? = null

    @Volatile
    var asked = 0

    /** As telephony keeps a message beside its broadcast. [type] 1 is the inbox, 2 what was sent. */
    @Synchronized
    fun keep(body: String?, received: Instant, sent: Instant? = null, sender: String? = "+15550100200", sim: Int? = null, type: Int = 1) {
        val row = ContentValues()
        row.put("address", sender)
        row.put("body", body)
        row.put("date", received.toEpochMilli())
        sent?.let { row.put("date_sent", it.toEpochMilli()) }
        sim?.let { row.put("sub_id", it) }
        row.put("type", type)
        database.insertOrThrow("sms", null, row)
    }

    @Synchronized
    override fun query(uri: Uri, columns: Array<String>?, where: String?, values: Array<String>?, order: String?): Cursor {
        problem?.let { throw it }
        assertEquals("content://sms/inbox", "$uri")
        asked++
        return database.query("sms", columns, "type = 1 AND ($where)", values, null, null, order)
    }

    @Synchronized
    override fun shutdown() = database.close()

    override fun onCreate() = true
    override fun getType(uri: Uri): String? = null
    override fun insert(uri: Uri, values: ContentValues?): Uri? = null
    override fun delete(uri: Uri, where: String?, values: Array<String>?) = 0
    override fun update(uri: Uri, change: ContentValues?, where: String?, values: Array<String>?) = 0
}

/** The phone's own messages as a second source beside the broadcasts. The core tells the time by the real clock. */
@RunWith(ShellTestRunner::class)
class InboxTest {
    private val lab = Lab()
    private val receiver = Receiver()
    private val provider = ContentProviderController.of(SmsProvider()).create("sms").get()
    private val job by lazy { Robolectric.buildService(InboxJob::class.java).create().get() }
    private val jobs get() = lab.app.service<JobScheduler>()
    private val application get() = shadowOf(lab.app as Application)

    /** To the second, as service centres tell it. */
    private val now = Instant.ofEpochSecond(Instant.now().epochSecond)

    @Before
    fun phone() {
        ShadowContentResolver.registerProviderInternal("sms", provider)
        application.grantPermissions(READ_SMS)
    }

    @After
    fun stop() {
        lab.close()
        provider.shutdown()
        receiver.close()
    }

    @Test
    fun `what no broadcast told of is one event each, with its true time, sender and SIM`() {
        val sim = SubscriptionInfoBuilder.newBuilder().setId(3).setSimSlotIndex(1).setNumber("+12025550101").buildSubscriptionInfo()
        shadowOf(lab.app.service<SubscriptionManager>()).setPhoneNumber(3, "+12025550101")
        shadowOf(lab.app.service<SubscriptionManager>()).setActiveSubscriptionInfos(sim)
        begin()
        val sent = now - Duration.ofHours(30)
        provider.keep("your code is 1", received = now - Duration.ofHours(3), sent = sent, sim = 3)
        provider.keep("your code is 1", received = now - Duration.ofHours(2), sent = sent, sim = 3)
        provider.keep("\uD83D\uDE00 \u4F60\u597D", received = now - Duration.ofHours(1))
        provider.keep("what I wrote", received = now - Duration.ofHours(1), type = 2)
        provider.keep("just now", received = now)
        run(InboxJobs.HOURLY)
        val payloads = List(3) { receiver.next().getJSONObject("payload") }.sortedBy { it.getString("message") }
        assertEquals(listOf("your code is 1", "your code is 1", "\uD83D\uDE00 \u4F60\u597D"), payloads.map { it.getString("message") })
        assertEquals(sent, OffsetDateTime.parse(payloads[0].getString("receivedAt")).toInstant())
        assertEquals("+15550100200", payloads[0].getString("sender"))
        assertEquals(2, payloads[0].getInt("simNumber"))
        assertEquals("+12025550101", payloads[0].getString("recipient"))
        assertFalse(payloads[2].has("simNumber"))
        assertEquals(now - Duration.ofHours(1), OffsetDateTime.parse(payloads[2].getString("receivedAt")).toInstant())
        // Neither by another look nor by another start.
        run(InboxJobs.HOURLY)
        lab.stopService()
        lab.start()
        run(InboxJobs.SOON)
        assertDelivered()
    }

    @Test
    fun `a message whose broadcast came is no second event`() {
        begin()
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        lab.sms(Pdus.ucs2("without a second", units = 60))
        repeat(2) { receiver.next() }
        provider.keep("How are you?", received = now - Duration.ofMinutes(2), sent = Pdus.HOW_ARE_YOU_SENT, sender = "+31641600986")
        provider.keep("without a second", received = now - Duration.ofMinutes(3))
        run(InboxJobs.HOURLY)
        // And the other way round: the row first, its broadcast hours late.
        provider.keep("late", received = now - Duration.ofMinutes(5))
        run(InboxJobs.HOURLY)
        assertEquals("late", receiver.next().getJSONObject("payload").getString("message"))
        lab.sms(Pdus.ucs2("late", units = 60))
        run(InboxJobs.HOURLY)
        assertDelivered()
        assertEquals("3", lab.total("/inbox"))
    }

    @Test
    fun `a start, at boot or later, looks by itself`() {
        lab.firstStartedIn2023()
        provider.keep("missed", received = now - Duration.ofMinutes(2))
        lab.start()
        lab.eventually("it is read") { lab.total("/inbox") == "1" }
    }

    @Test
    fun `what is older than the first start is never an event`() {
        provider.keep("before the first start", received = now - Duration.ofMinutes(2))
        lab.start()
        lab.network(validated = true)
        lab.webhook("sms:received", receiver)
        run(InboxJobs.HOURLY)
        assertDelivered()
    }

    @Test
    fun `what is older than a week is never an event`() {
        begin()
        provider.keep("eight days", received = now - Duration.ofDays(8))
        provider.keep("six days", received = now - Duration.ofDays(6))
        run(InboxJobs.HOURLY)
        assertEquals("six days", receiver.next().getJSONObject("payload").getString("message"))
        assertDelivered()
    }

    @Test
    fun `without the permission nothing is read, that is said, and what came before the grant is no event`() {
        application.denyPermissions(READ_SMS)
        begin()
        provider.keep("before the grant", received = now - Duration.ofMinutes(2))
        val refusal = JSONObject(lab.call("POST", "/inbox/refresh", range(), 503)).getString("message")
        assertEquals("The phone does not let SimRelay read its messages; grant it the SMS permission.", refusal)
        assertEquals("warn", lab.health().getJSONObject("shell:permission-sms").getString("status"))
        run(InboxJobs.HOURLY)
        assertEquals("not even asked", 0, provider.asked)
        lab.app.inboxScan.permissionMayHaveChanged()
        application.grantPermissions(READ_SMS)
        lab.app.inboxScan.permissionMayHaveChanged()
        assertTrue("read at once", provider.asked > 0)
        run(InboxJobs.HOURLY)
        assertDelivered()
        // An owner who wants it gets it.
        lab.call("POST", "/inbox/refresh", range().put("triggerWebhooks", true), 202)
        assertEquals("before the grant", receiver.next().getJSONObject("payload").getString("message"))
    }

    @Test
    fun `a refresh over HTTP reads what the phone has, page by page, and tells it only if asked to`() {
        lab.start()
        lab.network(validated = true)
        lab.webhook("sms:received", receiver)
        val year = now - Duration.ofDays(365)
        // More than two pages within one millisecond, every text twice.
        repeat(450) { provider.keep("${it / 2}", received = year) }
        provider.keep(null, received = year, sender = null)
        lab.call("POST", "/inbox/refresh", range(), 202)
        lab.eventually("all are read") { lab.total("/inbox") == "451" }
        assertDelivered()
        lab.call("POST", "/inbox/refresh", range().put("triggerWebhooks", true), 202)
        val texts = List(451) { receiver.next().getJSONObject("payload").getString("message") }
        assertEquals(226, texts.toSet().size)
        assertDelivered()
    }

    @Test
    fun `a provider that fails is told to who asks, quotes no message, and is asked again`() {
        begin()
        provider.keep("missed", received = now - Duration.ofMinutes(2))
        provider.problem = IllegalStateException("no such column in 'your code is 4711'")
        run(InboxJobs.HOURLY)
        val answer = lab.call("POST", "/inbox/refresh", range(), 503)
        assertEquals("The phone's messages cannot be read now; try again later.", JSONObject(answer).getString("message"))
        assertFalse("4711" in lab.call("GET", "/logs", null, 200))
        provider.problem = null
        run(InboxJobs.HOURLY)
        assertEquals("missed", receiver.next().getJSONObject("payload").getString("message"))
    }

    @Test
    fun `the jobs are planned at the start, armed again after each run, and gone when the owner stops`() {
        lab.start()
        val hourly = jobs.getPendingJob(InboxJobs.HOURLY)!!
        assertTrue(hourly.isPeriodic)
        assertEquals(3_600_000L, hourly.intervalMillis)
        assertTrue("survives a reboot", hourly.isPersisted)
        assertEquals(JobInfo.NETWORK_TYPE_NONE, hourly.networkType)
        val changed = jobs.getPendingJob(InboxJobs.CHANGED)!!
        val trigger = changed.triggerContentUris!!.single()
        assertEquals("content://sms", "${trigger.uri}")
        assertEquals(JobInfo.TriggerContentUri.FLAG_NOTIFY_FOR_DESCENDANTS, trigger.flags)
        assertTrue("a minute old by then", changed.triggerContentUpdateDelay > 60_000)
        assertNotNull("what is too young at the start", jobs.getPendingJob(InboxJobs.SOON))
        jobs.cancel(InboxJobs.CHANGED)
        run(InboxJobs.CHANGED)
        assertNotNull("armed again", jobs.getPendingJob(InboxJobs.CHANGED))
        assertTrue(shadowOf(job).isJobFinished)
        lab.runService(GatewayService.stop(lab.app))
        assertEquals(emptyList<JobInfo>(), jobs.allPendingJobs)
        run(InboxJobs.CHANGED)
        assertNull("stopped stays stopped", jobs.getPendingJob(InboxJobs.CHANGED))
    }

    @Test
    fun `boot and update plan the jobs, if the owner wants the gateway to run`() {
        val ids = listOf(InboxJobs.HOURLY, InboxJobs.CHANGED, InboxJobs.SOON)
        for (action in listOf(Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED)) {
            lab.app.preferences.wanted = false
            lab.broadcast(Intent(action))
            assertEquals(action, emptyList<Int>(), ids.filter { jobs.getPendingJob(it) != null })
            lab.app.preferences.wanted = true
            lab.broadcast(Intent(action))
            assertEquals(action, ids, ids.filter { jobs.getPendingJob(it) != null })
            assertTrue("old enough by then", jobs.getPendingJob(InboxJobs.SOON)!!.minLatencyMillis > 60_000)
            lab.app.inboxJobs.cancel()
        }
    }

    @Test
    fun `a job in a process without the service keeps what it finds and starts the service`() {
        lab.firstStartedIn2023()
        lab.app.preferences.wanted = true
        provider.keep("missed", received = now - Duration.ofMinutes(2))
        run(InboxJobs.HOURLY)
        assertFalse("nothing is attempted outside service and job", lab.app.core.isStarted)
        assertEquals(GatewayService::class.java.name, application.nextStartedService?.component?.className)
        run(InboxJobs.HOURLY)
        assertNull("found once", application.nextStartedService)
    }

    @Test
    @Config(application = RefusingApp::class)
    fun `where the service is refused a job delivers what was found`() {
        lab.firstStartedIn2023()
        lab.app.preferences.wanted = true
        provider.keep("missed", received = now - Duration.ofMinutes(2))
        run(InboxJobs.HOURLY)
        assertNotNull(jobs.getPendingJob(DrainJobs.DRAIN))
    }

    /** A gateway that has run for a year, with a webhook, and the phone's messages read once. */
    private fun begin() {
        lab.firstStartedIn2023()
        lab.start()
        lab.network(validated = true)
        lab.webhook("sms:received", receiver)
    }

    /** What the platform does when a job is due; returns when it is finished. */
    private fun run(id: Int) {
        val parameters = ReflectionHelpers.newInstance(JobParameters::class.java)
        ReflectionHelpers.setField(parameters, "jobId", id)
        ReflectionHelpers.setField(shadowOf(job), "isJobFinished", false)
        assertTrue(job.onStartJob(parameters))
        lab.eventually("the job ends") { shadowOf(job).isJobFinished }
    }

    private fun range() = JSONObject().put("since", "2000-01-01T00:00:00Z").put("until", "${now + Duration.ofHours(1)}")

    /** Everything is delivered, and nothing more has come. */
    private fun assertDelivered() {
        if (lab.app.starter.running) lab.eventually("it is delivered") { lab.app.core.status()!!.pending == 0L }
        receiver.assertNothing()
    }
}
