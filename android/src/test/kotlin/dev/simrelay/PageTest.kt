package dev.simrelay

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.view.View
import android.view.ViewGroup
import android.webkit.WebResourceRequest
import android.webkit.WebView
import android.widget.TextView
import dev.simrelay.setup.PageActivity
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowLog
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse

/** The core's page inside the app. Robolectric has no browser, so the link is followed by a client of our own. */
@RunWith(ShellTestRunner::class)
class PageTest {
    private val lab = Lab()
    private val activity by lazy { Robolectric.buildActivity(PageActivity::class.java).setup().also { lab.settle() }.get() }
    private val web by lazy { all(activity.window.decorView).filterIsInstance<WebView>().single() }
    private val client get() = shadowOf(web).webViewClient
    private val origin get() = "http://127.0.0.1:${lab.app.core.status()!!.port}"

    @After
    fun stop() = lab.close()

    @Test
    fun `the page is opened by a link that signs in exactly once and is not logged`() {
        lab.start()
        val link = shadowOf(web).lastLoadedUrl
        assertTrue("it begins otherwise", link.startsWith("$origin/ui/sign-in/"))
        val secret = link.substringAfterLast('/')
        assertTrue("a secret of some length", secret.length >= 16)

        val first = get(link)
        assertEquals(303, first.statusCode())
        assertEquals("/", first.headers().firstValue("location").get())
        val cookie = first.headers().firstValue("set-cookie").get().substringBefore(';')
        assertEquals(200, get("$origin/", cookie).statusCode())
        assertNotEquals("without it nobody gets in", 200, get("$origin/").statusCode())

        val second = get(link)
        assertEquals(401, second.statusCode())
        assertFalse(second.headers().firstValue("set-cookie").isPresent)

        assertFalse("in the log", ShadowLog.getLogs().any { secret in it.msg })
        assertFalse("in the gateway's log", secret in lab.call("GET", "/logs", null, 200))
    }

    @Test
    fun `every opening has a link of its own`() {
        lab.start()
        val other = Robolectric.buildActivity(PageActivity::class.java).setup().also { lab.settle() }.get()
        val links = listOf(activity, other).map { opened ->
            shadowOf(all(opened.window.decorView).filterIsInstance<WebView>().single()).lastLoadedUrl
        }
        assertEquals(2, links.toSet().size)
        assertEquals(listOf(303, 303), links.map { get(it).statusCode() })
    }

    @Test
    fun `scripts run on the core's page alone, and what leads away is opened in the browser`() {
        lab.start()
        assertTrue(web.settings.javaScriptEnabled)
        assertFalse(web.settings.allowFileAccess)
        for (inside in listOf("$origin/", "$origin/ui/logs?limit=5")) {
            assertFalse(inside, client.shouldOverrideUrlLoading(web, request(inside)))
            assertNull(inside, client.shouldInterceptRequest(web, request(inside)))
            client.onPageStarted(web, inside, null)
            assertTrue(inside, web.settings.javaScriptEnabled)
        }
        val port = Uri.parse(origin).port
        val outside = listOf(
            "https://example.com/x" to true, "http://127.0.0.1:${port - 1}/" to true, "http://127.0.0.1:$port@example.com/" to true,
            "http://localhost:$port/" to true, "https://127.0.0.1:$port/" to true,
            "intent://x#Intent;scheme=market;end" to false, "file:///data/data/x" to false, "javascript:alert(1)" to false,
        )
        for ((address, opened) in outside) {
            assertTrue(address, client.shouldOverrideUrlLoading(web, request(address)))
            val started = shadowOf(activity).nextStartedActivity
            assertEquals(address, if (opened) address else null, started?.dataString)
            if (opened) assertEquals(Intent.ACTION_VIEW, started.action)
            val answer = client.shouldInterceptRequest(web, request(address))
            assertNotNull("nothing is loaded from $address", answer)
            assertEquals(0, answer!!.data.available())
            client.onPageStarted(web, address, null)
            assertFalse(address, web.settings.javaScriptEnabled)
        }
    }

    @Test
    fun `where the page moved to another port it is opened anew`() {
        lab.start()
        val moved = "http://127.0.0.1:${Uri.parse(origin).port + 1}/ui/access?done=saved"
        assertTrue(client.shouldOverrideUrlLoading(web, request(moved)))
        val opened = shadowOf(activity).nextStartedActivity
        assertEquals(PageActivity::class.java.name, opened?.component?.className)
        assertTrue(activity.isFinishing)
    }

    @Test
    @Suppress("DEPRECATION")
    fun `Back goes back in the page, then out of it`() {
        lab.start()
        shadowOf(web).setCanGoBack(true)
        activity.onBackPressed()
        assertEquals(1, shadowOf(web).goBackInvocations)
        assertFalse(activity.isFinishing)
        shadowOf(web).setCanGoBack(false)
        activity.onBackPressed()
        assertTrue(activity.isFinishing)
    }

    @Test
    fun `a gateway that is not open is told in words`() {
        assertTrue(texts(activity).any { it == lab.app.getString(R.string.not_open) })
    }

    private fun get(address: String, cookie: String? = null): HttpResponse<String> {
        val request = HttpRequest.newBuilder(URI(address)).header("Accept", "text/html")
        cookie?.let { request.header("Cookie", it) }
        // It follows no redirect by itself.
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString())
    }

    private fun request(address: String) = object : WebResourceRequest {
        override fun getUrl(): Uri = Uri.parse(address)
        override fun isForMainFrame() = true
        override fun isRedirect() = false
        override fun hasGesture() = true
        override fun getMethod() = "GET"
        override fun getRequestHeaders() = emptyMap<String, String>()
    }

    private fun texts(activity: Activity) = all(activity.window.decorView).filterIsInstance<TextView>().map { it.text.toString() }

    private fun all(view: View): List<View> =
        listOf(view) + if (view is ViewGroup) (0 until view.childCount).flatMap { all(view.getChildAt(it)) } else emptyList()
}
