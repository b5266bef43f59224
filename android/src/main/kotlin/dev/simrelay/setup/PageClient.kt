package dev.simrelay.setup

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.webkit.HttpAuthHandler
import android.webkit.WebResourceError
import android.webkit.WebResourceRequest
import android.webkit.WebView
import android.webkit.WebViewClient
import dev.simrelay.R
import dev.simrelay.Status

/** The core's page on this phone: its address, and who looks at it. */
class Page(status: Status) {
    private val authority = "127.0.0.1:${status.port}"
    val url = "http://$authority/"
    val user = status.user
    val password = status.password

    fun holds(address: Uri) = address.scheme == "http" && address.encodedAuthority == authority
}

/** Keeps the view on the core's page, and gives the password to nobody else. */
class PageClient(
    private val activity: Activity,
    private val page: Page,
    private val fail: (String) -> Unit,
) : WebViewClient() {
    /** What leads away is opened in the browser. */
    override fun shouldOverrideUrlLoading(view: WebView, request: WebResourceRequest): Boolean {
        if (page.holds(request.url)) return false
        if (request.url.scheme == "https") SystemScreens.open(activity, Intent(Intent.ACTION_VIEW, request.url))
        return true
    }

    override fun onReceivedHttpAuthRequest(view: WebView, handler: HttpAuthHandler, host: String, realm: String) {
        // Once refused, the password is wrong; trying it again would only trip the throttle.
        val fresh = handler.useHttpAuthUsernamePassword()
        if (fresh && host.substringBefore(':') == "127.0.0.1") handler.proceed(page.user, page.password)
        else handler.cancel()
    }

    override fun onReceivedError(view: WebView, request: WebResourceRequest, error: WebResourceError) {
        if (request.isForMainFrame) fail(activity.getString(R.string.page_failed, error.description))
    }
}
