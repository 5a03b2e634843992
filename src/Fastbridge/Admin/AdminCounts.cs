namespace Fastbridge.Admin;

/// <summary>What came to the admin API since the start, for /metrics: fields, so that they can be counted up without a lock.</summary>
internal sealed class AdminCounts
{
    /// <summary>Answers below 400.</summary>
    public long Answered;

    /// <summary>Answers of 401 to requests without a token.</summary>
    public long NoToken;

    /// <summary>Answers of 401 to requests with another token.</summary>
    public long WrongToken;

    /// <summary>Other answers from 400 to 499: malformed, oversized, slow, another site's.</summary>
    public long Wrong;

    /// <summary>Answers from 500 on: a fault of ours, or a probe that says no.</summary>
    public long Failed;

    /// <summary>Connections that ended by themselves or in time without a whole request: malformed, slow, silent, or no HTTP at all.</summary>
    public long Unheard;

    /// <summary>Connections closed for a newer one's sake.</summary>
    public long MadeRoom;

    /// <summary>Connections closed at once, as all others were being answered.</summary>
    public long Refused;

    /// <summary>How many there are now.</summary>
    public Func<int> Connections { get; set; } = static () => 0;

    public void Count(int status, bool wrongToken)
    {
        if (wrongToken)
            Interlocked.Increment(ref WrongToken);
        else if (status == 401)
            Interlocked.Increment(ref NoToken);
        else
            Interlocked.Increment(ref status < 400 ? ref Answered : ref status < 500 ? ref Wrong : ref Failed);
    }
}
