package dev.simrelay.setup

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
import android.net.Uri
import android.webkit.WebResourceError
import android.webkit.WebResourceRequest
import android.webkit.WebResourceResponse
import android.webkit.WebView
import android.webkit.WebViewClient
import dev.simrelay.R

/** The core's page on this phone. */
class Page(port: Int) {
    private val authority = "127.0.0.1:$port"

    fun url(path: String) = "http://$authority$path"

    fun holds(address: Uri) = address.scheme == "http" && address.encodedAuthority == authority

    /** Where the page says that it can be found after its owner changed the port on it. */
    fun movesTo(address: Uri) = !holds(address) && address.scheme == "http" && address.host == "127.0.0.1" &&
        address.path == "/ui/access"
}

/** Keeps the view on the core's page. Scripts run there alone, and nothing is loaded from elsewhere. */
class PageClient(
    private val activity: Activity,
    private val page: Page,
    private val fail: (String) -> Unit,
) : WebViewClient() {
    /** What leads away is opened in the browser. */
    override fun shouldOverrideUrlLoading(view: WebView, request: WebResourceRequest): Boolean {
        if (page.holds(request.url)) return false
        if (page.movesTo(request.url)) {
            // Opened anew it asks for the port that holds now, whatever the link says.
            activity.startActivity(Intent(activity, PageActivity::class.java))
            activity.finish()
            return true
        }
        if (request.url.scheme in WEB) SystemScreens.open(activity, Intent(Intent.ACTION_VIEW, request.url))
        return true
    }

    /** Not every way to another address asks first: a form does not. */
    override fun shouldInterceptRequest(view: WebView, request: WebResourceRequest): WebResourceResponse? =
        if (page.holds(request.url)) null else WebResourceResponse("text/plain", "utf-8", ByteArray(0).inputStream())

    override fun onPageStarted(view: WebView, url: String, icon: Bitmap?) {
        view.settings.javaScriptEnabled = page.holds(Uri.parse(url))
    }

    override fun onReceivedError(view: WebView, request: WebResourceRequest, error: WebResourceError) {
        if (request.isForMainFrame) fail(activity.getString(R.string.page_failed, error.description))
    }

    private companion object {
        val WEB = setOf("https", "http")
    }
}
