package dev.simrelay

import android.app.AlarmManager
import android.app.Application
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.Service
import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Intent
import android.os.Build
import android.provider.Settings
import dev.simrelay.running.BootCount
import dev.simrelay.running.DrainJobs
import dev.simrelay.running.GatewayService
import dev.simrelay.running.InboxJobs
import dev.simrelay.running.Notifications
import dev.simrelay.running.WakeReceiver
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlarmManager
import org.robolectric.shadows.ShadowSystemClock
import java.net.ServerSocket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue

/** A phone that refuses services from the background, as Android 12 and newer do. */
class RefusingApp : App() {
    override fun startForegroundService(service: Intent): ComponentName =
        throw IllegalStateException("startForegroundService() not allowed")
}

/** A phone on which every start of the service fails in a way that nobody expects. */
class BrokenApp : App() {
    override fun startForegroundService(service: Intent): ComponentName = throw NoSuchMethodError("startForegroundService")
}

@RunWith(ShellTestRunner::class)
class ServiceTest {
    private val lab = Lab()
    private val application get() = shadowOf(lab.app as Application)
    private val jobs get() = lab.app.service<JobScheduler>()

    @After
    fun stop() = lab.close()

    @Test
    fun `the notification says how the gateway does and stops it`() {
        lab.start()
        lab.network(validated = true)
        lab.eventually("the state is shown") { lab.state().orEmpty().startsWith("Receiving and delivering") }
        val notification = shadowOf(lab.app.service<NotificationManager>()).getNotification(Notifications.GATEWAY)
        val action = notification.actions.single()
        assertEquals("Stop", action.title)
        val intent = shadowOf(action.actionIntent)
        assertTrue("immutable", intent.flags and PendingIntent.FLAG_IMMUTABLE != 0)
        assertEquals(GatewayService::class.java.name, intent.savedIntent.component?.className)
        val controller = lab.runService(intent.savedIntent)
        assertFalse(lab.app.preferences.wanted)
        assertTrue(shadowOf(controller.get()).isStoppedBySelf)
        lab.stopService()
        assertFalse(lab.app.core.isStarted)
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertNull("stopped stays stopped", application.nextStartedService)
    }

    @Test
    fun `a kill brings the service back, unless the owner said stop`() {
        lab.app.preferences.wanted = true
        val service = lab.runService()
        assertEquals(Service.START_STICKY, service.get().onStartCommand(null, 0, 2))
        lab.app.preferences.wanted = false
        assertEquals(Service.START_NOT_STICKY, service.get().onStartCommand(null, 0, 3))
        assertTrue(shadowOf(service.get()).isStoppedBySelf)
        assertEquals("a start that came meanwhile is not ended", 3, shadowOf(service.get()).stopSelfId)
    }

    @Test
    @Config(application = RefusingApp::class)
    fun `a refused service becomes a job that survives a reboot`() {
        lab.app.preferences.wanted = true
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        val job = jobs.getPendingJob(DrainJobs.DRAIN)
        assertNotNull(job)
        assertTrue(job!!.isPersisted)
        assertEquals("internet, while it is required", JobInfo.NETWORK_TYPE_ANY, job.networkType)
        if (Build.VERSION.SDK_INT >= 31) assertTrue(job.isExpedited)
        assertFalse(lab.app.starter.running)
    }

    @Test
    fun `a service that is not let into the foreground ends, and a job delivers`() {
        lab.app.preferences.wanted = true
        val controller = Robolectric.buildService(GatewayService::class.java, GatewayService.start(lab.app)).create()
        val refusals = listOf(IllegalStateException("startForeground() not allowed"), SecurityException("no permission"))
        for (refusal in refusals) {
            shadowOf(controller.get()).setThrowInStartForeground(refusal)
            // As a restart after a kill: without an intent.
            assertEquals(Service.START_NOT_STICKY, controller.get().onStartCommand(null, 0, 1))
            assertTrue(shadowOf(controller.get()).isStoppedBySelf)
            assertEquals("a start that came meanwhile is not ended", 1, shadowOf(controller.get()).stopSelfId)
            assertFalse(lab.app.starter.running)
            assertNotNull(jobs.getPendingJob(DrainJobs.DRAIN))
            jobs.cancelAll()
        }
        controller.destroy()
        lab.settle()
    }

    @Test
    @Config(application = RefusingApp::class)
    fun `a stop that is not let into the foreground stops all the same`() {
        lab.start()
        lab.stopService()
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        lab.app.inboxJobs.plan()
        assertTrue(jobs.allPendingJobs.isNotEmpty())
        val stop = GatewayService.stop(lab.app)
        val controller = Robolectric.buildService(GatewayService::class.java, stop).create()
        shadowOf(controller.get()).setThrowInStartForeground(IllegalStateException("startForeground() not allowed"))
        assertEquals(Service.START_NOT_STICKY, controller.get().onStartCommand(stop, 0, 1))
        assertFalse(lab.app.preferences.wanted)
        assertEquals(emptyList<JobInfo>(), jobs.allPendingJobs)
        controller.destroy()
        lab.settle()
    }

    @Test
    @Config(application = RefusingApp::class)
    fun `the job asks for no network where no internet is required`() {
        lab.start()
        lab.call("PATCH", "/settings", JSONObject("""{"webhooks":{"internet_required":false}}"""), 200)
        lab.stopService()
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertEquals(JobInfo.NETWORK_TYPE_NONE, jobs.getPendingJob(DrainJobs.DRAIN)!!.networkType)
    }

    @Test
    fun `boot, update and clock start the service if the owner wants it`() {
        val actions = listOf(
            Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED,
            Intent.ACTION_TIME_CHANGED, Intent.ACTION_TIMEZONE_CHANGED,
        )
        for (action in actions) {
            lab.broadcast(Intent(action))
            assertNull("$action: not wanted", application.nextStartedService)
        }
        lab.app.preferences.wanted = true
        for (action in actions) {
            lab.broadcast(Intent(action))
            assertEquals(action, GatewayService::class.java.name, application.nextStartedService?.component?.className)
        }
    }

    @Test
    fun `a repeated BOOT_COMPLETED after a force-stop is no boot`() {
        fun count(boots: Int) = Settings.Global.putInt(lab.app.contentResolver, Settings.Global.BOOT_COUNT, boots)
        count(7)
        lab.broadcast(Intent(Intent.ACTION_BOOT_COMPLETED))
        assertEquals(7, lab.app.preferences.bootCount)
        assertEquals(BootCount.REPEATED, BootCount.take(lab.app))
        count(8)
        assertEquals(BootCount.NEW, BootCount.take(lab.app))
        assertEquals(BootCount.REPEATED, BootCount.take(lab.app))
    }

    @Test
    fun `a taken port is told, and receiving goes on`() {
        ServerSocket(0).use { taken ->
            lab.app.core.open(mayMigrate = true)
            NativeBridge.setAccess("""{"port":${taken.localPort}}""")
            lab.app.preferences.wanted = true
            lab.runService()
            lab.eventually("the notification tells it") { lab.state().orEmpty().contains("The API is off") }
            assertTrue(lab.state()!!.contains("${taken.localPort}"))
            lab.sms(listOf(Pdus.HOW_ARE_YOU))
            assertTrue(JSONObject(NativeBridge.status()).getLong("lastReceivedAt") > 0)
        }
        // The other app is gone. Nobody does anything; the core tries again by itself.
        lab.eventually("the API listens") { lab.app.core.status()!!.serving }
        lab.app.state.refresh()
        assertFalse(lab.state(), lab.state()!!.contains("The API is off"))
        assertEquals(1, JSONArray(lab.call("GET", "/inbox", null, 200)).length())
    }

    @Test
    fun `one exact alarm wakes the phone for the next due time`() {
        lab.app.alarm.set(System.currentTimeMillis() + 3_600_000)
        lab.app.alarm.set(System.currentTimeMillis() + 7_200_000)
        val alarms = shadowOf(lab.app.service<AlarmManager>()).scheduledAlarms
        assertEquals(1, alarms.size)
        assertEquals(AlarmManager.ELAPSED_REALTIME_WAKEUP, alarms.single().type)
        val intent = shadowOf(alarms.single().operation)
        assertTrue("immutable", intent.flags and PendingIntent.FLAG_IMMUTABLE != 0)
        assertEquals(WakeReceiver::class.java.name, intent.savedIntent.component?.className)
        lab.app.alarm.set(0)
        assertEquals(0, shadowOf(lab.app.service<AlarmManager>()).scheduledAlarms.size)
    }

    @Test
    fun `an alarm that may not be exact is an inexact one`() {
        // Before Android 12 every app may.
        for (exact in listOf(true, Build.VERSION.SDK_INT < 31)) {
            ShadowAlarmManager.setCanScheduleExactAlarms(exact)
            lab.app.alarm.set(System.currentTimeMillis() + 3_600_000)
            val alarm = alarms().single()
            assertEquals("exact: $exact", exact, alarm.windowLengthMs == ShadowAlarmManager.WINDOW_EXACT)
            assertEquals(AlarmManager.ELAPSED_REALTIME_WAKEUP, alarm.type)
            assertTrue("also in Doze", alarm.isAllowWhileIdle)
        }
        ShadowAlarmManager.setCanScheduleExactAlarms(true)
        lab.app.alarm.set(0)
    }

    @Test
    fun `the API answers over IPv6 too`() {
        lab.start()
        val request = HttpRequest.newBuilder(URI("http://[::1]:${lab.app.core.status()!!.port}/health")).build()
        assertEquals(200, HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
    }

    @Test
    fun `the alarm is set anew when the wall clock is`() {
        val hour = 3_600_000L
        lab.app.alarm.set(System.currentTimeMillis() + hour)
        val before = alarms().single().triggerAtTime
        // The elapsed time goes on by a quarter of an hour and the wall clock does not: it was set back by that.
        ShadowSystemClock.simulateDeepSleep(Duration.ofMillis(hour / 4))
        lab.broadcast(Intent(Intent.ACTION_TIME_CHANGED))
        lab.settle()
        // Less what this test took, because the wall clock goes on here.
        val later = alarms().single().triggerAtTime - before
        assertTrue("$later", later in hour / 4 - 60_000..hour / 4)
        lab.app.alarm.set(0)
        lab.broadcast(Intent(Intent.ACTION_TIME_CHANGED))
        lab.settle()
        assertEquals("nothing waits", 0, alarms().size)
    }

    @Test
    fun `the alarm is set anew before the broadcast of the clock ends, whatever else goes on`() {
        lab.app.alarm.set(System.currentTimeMillis() + 3_600_000)
        val before = alarms().single().triggerAtTime
        ShadowSystemClock.simulateDeepSleep(Duration.ofMinutes(15))
        val busy = CountDownLatch(1)
        lab.app.workers.control("the test") { busy.await() }
        lab.broadcast(Intent(Intent.ACTION_TIME_CHANGED))
        assertTrue(alarms().single().triggerAtTime > before)
        busy.countDown()
        lab.app.alarm.set(0)
    }

    @Test
    fun `after a force-stop the repeated BOOT_COMPLETED brings everything back, and is no boot`() {
        Settings.Global.putInt(lab.app.contentResolver, Settings.Global.BOOT_COUNT, 7)
        lab.broadcast(Intent(Intent.ACTION_BOOT_COMPLETED))
        lab.start()
        lab.call("PATCH", "/settings", JSONObject("""{"ping":{"interval_seconds":3600}}"""), 200)
        lab.eventually("an alarm for the ping") { alarms().isNotEmpty() }
        // What a force-stop takes: the process, its alarms and its jobs.
        lab.stopService()
        lab.app.alarm.set(0)
        jobs.cancelAll()
        while (application.nextStartedService != null) Unit
        lab.broadcast(Intent(Intent.ACTION_BOOT_COMPLETED))
        assertEquals(7, lab.app.preferences.bootCount)
        assertEquals(GatewayService::class.java.name, application.nextStartedService?.component?.className)
        lab.runService()
        lab.eventually("the API listens") { lab.app.core.status()!!.serving }
        lab.eventually("the alarm is back") { alarms().isNotEmpty() }
        for (id in listOf(InboxJobs.HOURLY, InboxJobs.CHANGED, InboxJobs.SOON)) assertNotNull("$id", jobs.getPendingJob(id))
    }

    @Test
    fun `an alarm without a service starts it`() {
        lab.app.preferences.wanted = true
        lab.deliver(Intent(lab.app, WakeReceiver::class.java))
        assertEquals(GatewayService::class.java.name, application.nextStartedService?.component?.className)
    }

    @Test
    @Config(application = BrokenApp::class)
    fun `what fails in a broadcast or a job ends it, and not the app`() {
        val uncaught = LinkedBlockingQueue<Throwable>()
        val before = Thread.getDefaultUncaughtExceptionHandler()
        Thread.setDefaultUncaughtExceptionHandler { _, error -> uncaught += error }
        lab.app.preferences.wanted = true
        lab.deliver(Intent(lab.app, WakeReceiver::class.java))
        lab.broadcast(Intent(Intent.ACTION_BOOT_COMPLETED))
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        // A broadcast ends before the thread that took it in, which tells the handler what ended it.
        lab.eventually("the intake is idle") { Thread.getAllStackTraces().none { (thread, stack) -> isBusy(thread, stack) } }
        Thread.setDefaultUncaughtExceptionHandler(before)
        assertEquals(emptyList<Throwable>(), uncaught.toList())
    }

    private fun isBusy(thread: Thread, stack: Array<StackTraceElement>) =
        thread.name.startsWith("simrelay-intake") && stack.any { it.className.startsWith("dev.simrelay") }

    private fun alarms() = shadowOf(lab.app.service<AlarmManager>()).scheduledAlarms
}
