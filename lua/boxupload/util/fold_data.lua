-- fold_data: how characters are written without case and style, of Unicode
-- 14.0.0. Written by tools/fold_data.py; numbers have base 36.
-- SPDX-License-Identifier: MIT

local M = {}

-- first=a.b,c: what to take for the characters from `first` on, each one or a
-- sequence, which may have entries of their own. first+count>a.b: the same for
-- a run of characters, with b, b + 1, ...; first*count>a.b: for every second
-- character, with b, b + 2, ...
M.mappings = [[
5c+n>68 60+7>6w 68+4>2p.lc 6g+3>2t.lc 6k+3>2x.lc 6q+4>33.lc 6x+3>39.lc 74*o>75
8i*3>8j 8p*8>8q 96*n>97 ah*3>ai bk*3>bl cr*9>cs da*9>db e0*k>e1 f6*9>f7 g6*5>g7
p4+3>q5 pd+h>q9 pv+9>qr rc*c>rd sd+3>or sg+g>uo sw+w>ts v4*h>v5 wa*r>wb xt*7>xu
y8*1c>y9 10x+12>129 3a8+12>8w0 3y0+6>3xs 5n4+17>3bk 5od+3>3ct 5rl*5>2t 5ro*4>2w
5st+3>qa 5us+3>h4 5v2+4>he 5vg+3>i8 5xc*23>5xd 61s*1c>61t 64o+8>64g 654+6>64w
65k+8>65c 660+8>65s 66g+6>668 66x*4>66p 67c+8>674 688+8>680 68o+8>68g 694+8>68w
6a0+4>67m 6es+6>1g 6f4+a>1c 6fq+4>2z 6jd+3>34 6k5+4>15c 6lc+g>6ls 76o+9>1d
76x+a>1d.1c 792+q>79s 79s+q>2p 8ow+1c>8q8 8rr*3>8rs 8sg*1e>8sh 9pz+3>3cz
9q2+6>3hs 9q9+3>3d2 9qd+a>3d5 9qn+l>3fl 9rs+5>3e3 9s4+3>3fb 9xt+9>1e.1d
9y2+6>1f.1c 9yb+3>3d1 9yh+5>3da a0h+4>1f.1i a0l+a>1g.1c a1w+6>9my a26+5>9ni
a2d+6>9ns a2j+4>9nz wu8*n>wu9 ww0*e>ww1 x0i*7>x0j x0y*v>x0z x32*5>x33 x3q*a>x3r
x4k*8>x4l xv4+28>3vk 1dlw+3>15n 1ds5+3>17s.17w 1dsb+3>17u.17w 1dss+3>183.17w
1dsy+3>186.17w 1dt9+3>18h.17w 1dtk+3>18j.17w 1dtr+3>18k.17w 1dtx+3>18l.17w
1du3+3>18m.17w 1dud+3>18q.17w 1dw7+3>18q.190.17w 1dwc+3>17s.17w 1dwh+3>17u.17w
1dwt+3>183.17w 1dx0+3>186.17w 1dxa+3>18h.17w 1dxg+3>18j.17w 1dxl+3>18k.17w
1dxq+3>18l.17w 1dxu+3>18m.17w 1dy2+3>18q.17w 1dzd+3>184.17w 1e05+3>184.17w
1e0d+3>184.17w 1e0k+3>183.17w 1e0n+3>184.17w 1e1h+3>17u.18l.17w 1e81+4>9ho
1edd+w>x 1ee9+q>1ef5 1eez+10>2j 1eh1+6>9my 1ehb+5>9ni 1ehi+6>9ns 1ehz+3>3cz
1ei2+6>3hs 1ei9+3>3d2 1eid+a>3d5 1eiq+6>3fl 1eiy+6>3fr 1ej6+6>3fx 1eje+3>3g3
1ejt+4>6mo 1fcw+14>1fe0 1fhs+10>1fiw 1fn4*j>1fo7 1fn5*5>1fo8 1fnh*7>1fok
1fnx*3>1fp0 1g3a+3>cg 1h1c+1f>1h34 1jfk+w>1jgg 20cg+w>20dc
2jxc+5>2jx4.2jxh.2jxq 2kg0+q>2p 2kgq+q>2p 2khg+q>2p 2ki6*d>2p 2ki7*3>2q
2kif*9>2y 2kiw+q>2p 2kjm+q>2p 2kkp+4>32 2kku+8>37 2kl2+4>2p 2kl7*b>2u 2kla*3>2x
2kli*5>35 2kls+q>2p 2kmi+q>2p 2kn9*3>2q 2knh+8>2y 2knq+7>37 2kny+q>2p 2kop*3>2q
2kos*6>2t 2kp6+7>37 2kpe+q>2p 2kq4+q>2p 2kqu+q>2p 2krk+q>2p 2ksa+q>2p 2kt0+q>2p
2ktq+q>2p 2kug+q>2p 2kv6+q>2p 2kvw+q>2p 2kwm+q>2p 2kxc+q>2p 2ky2+q>2p 2kyw+h>q9
2kze+7>qr 2kzm+h>q9 2l04+7>qr 2l0i+h>q9 2l10+7>qr 2l18+h>q9 2l1q+7>qr 2l24+h>q9
2l2m+7>qr 2l2u+h>q9 2l3c+7>qr 2l3q+h>q9 2l48+7>qr 2l4g+h>q9 2l4y+7>qr 2l5c+h>q9
2l5u+7>qr 2l62+h>q9 2l6k+7>qr 2l72+a>1c 2l7c+a>1c 2l7m+a>1c 2l7w+a>1c 2l86+a>1c
2olc+y>2oma 2pl6+4>18j 2pm2+4>18j 2por+3>18k 2ppn+3>18k 2q7k+q>2p 2sc0+a>1c
4g=w 4o=w.lk 4q=2p 4v=w.lg 4y=1e,1f,w.ld,qk 54=w.mf,1d,33 58=1d.6dg.1g,
1d.6dg.1e,1f.6dg.1g 67=37.37 6c=2p.lk,2p.lm 6f=2r.mf 6j=2t.lk 6n=2x.lk 6p=32.lf
6u=33.lk 70=39.lk,3d.ld 73=3d.lk 75=2p.lg 77=2p.li 79=2p.mg 7b=2r.ld 7d=2r.le
7f=2r.lj 7h=2r.lo 7j=2s.lo 7n=2t.lg 7p=2t.li 7r=2t.lj 7t=2t.mg 7v=2t.lo
7x=2v.le 7z=2v.li 81=2v.lj 83=2v.mf 85=2w.le 89=2x.lf 8b=2x.lg 8d=2x.li
8f=2x.mg,2x.lj 8j=2x.2y 8l=2y.le 8n=2z.mf 8q=30.ld 8s=30.mf 8u=30.lo 8w=30.53
90=32.ld 92=32.mf 94=32.lo,jg.32 99=33.lg 9b=33.li 9d=33.ln 9h=36.ld 9j=36.mf
9l=36.lo 9n=37.ld 9p=37.le 9r=37.mf 9t=37.lo 9v=38.mf 9x=38.lo a1=39.lf
a3=39.lg a5=39.li a7=39.lm a9=39.ln ab=39.mg ad=3b.le af=3d.le,73 ai=3e.ld
ak=3e.lj am=3e.lo,37 ap=gj,ar as=at au=gk,aw ax=gm,gn,b0 b2=d9,gp,gr,b6 b7=gw,
gz ba=h5,h4,bd bg=hb,he bj=hh bl=33.m3 bq=hs,bs bt=hv bw=bx by=i0,c0,39.m3,i2,
i3,c4 c5=c6 c7=ia,c9 cc=cd ck=cm,cm,2s.3e.lo,cp,cp,30.2y,cs cs=32.2y cu=2p.lo
cw=2x.lo cy=33.lo d0=39.lo d2=39.lk.lg d4=39.lk.ld d6=39.lk.lo d8=39.lk.lc
db=2p.lk.lg dd=2p.lj.lg df=6e.lg dj=2v.lo dl=2z.lo dn=33.mg dp=33.mg.lg
dr=ia.lo,2y.lo,dv,dv,2s.3e,dx,2v.ld,b9,cf e1=32.lc e3=2p.lm.ld e5=6e.ld
e7=6w.ld e9=2p.lr eb=2p.lt ed=2t.lr ef=2t.lt eh=2x.lr ej=2x.lt el=33.lr
en=33.lt ep=36.lr er=36.lt et=39.lr ev=39.lt ex=37.me ez=38.me f3=2w.lo,bi
fb=2p.lj fd=2t.mf ff=33.lk.lg fh=33.lf.lg fj=33.lj fl=33.lj.lg fn=3d.lg fu=8rp,
fw fx=be,8rq g1=g2 g3=ao,i1,i4 j4=2w,h2,2y,36,hl,hn,ht,3b,3d k8=w.li,w.lj,w.lm,
w.mg,w.lf,w.ln kg=gz,30,37,3c,id n4=lc,ld n7=lv,lk.ld og=oh oi=oj ok=jd om=on
oq=w.n9 ou=1n,s3 p0=w.ld,w.lk.ld,q4,53 p8=r0 pa=r1,r2,qh.lk.ld q4=q9.ld,qd.ld,
qf.ld,qh.ld,qt.lk.ld qq=qr qy=qh.lk,qt.lk,qn.ld,qt.ld,qx.ld,rb,qa,qg,qt,qt.ld,
qt.lk,qu,qo s0=qi,qp,qr s4=qg,qd s7=s8 s9=s2,sb u1=u0.li uo=tx.lc,tx.lk
ur=tv.ld uv=uu.lk v0=u2.ld,u0.lc,ub.li vr=vp.lr xs=y7 xu=ty.li y9=ts.li
yb=ts.lk yf=tx.li yj=yh.lk yl=ty.lk yn=tz.lk yr=u0.lg yt=u0.lk yv=u6.lk
yz=yx.lk z1=ul.lk z3=ub.lg z5=ub.lk z7=ub.ln z9=uf.lk zd=uj.lk 13b=12d.136
17m=17r.18z,17r.190,18o.190,17r.191,18q.190 19x=17r.19w,18o.19w,1c7.19w,18q.19w
1c0=1cl.190 1c2=1c1.190 1cj=1ci.190 1t5=1t4.1to 1td=1tc.1to 1tg=1tf.1to
1ug=1sl.1to,1sm.1to,1sn.1to,1ss.1to,1sx.1to,1sy.1to,1t7.1to,1tb.1to
1xn=1xj.1xa,1xj.1xz 1y4=1wh.1x8,1wi.1x8 1y7=1wv.1x8 20j=20i.20s 20m=20o.20s
21l=1zq.20s,1zr.20s,1zw.20s 21q=20b.20s 288=287.28m 28b=287.27y,287.28n
28s=275.27w,276.27w 2ac=2aa.2c7 2bu=2bq.2bi,2br.2bi,2bq.2c7 2fc=2fa.2fq
2io=2in.2j9 2iv=2iu.2j9,2iu.2ja 2iy=2iu.2iq,2iu.2iq.2j9 2mi=2me.2m6,2mf.2m6,
2me.2mv 2qi=2qh.2q2 2qk=2qh.2q7,2qh.2q7.2q2,2qh.2qn 2sz=2tp.2sy 2wj=2x9.2wi
2xo=2wb.2vt,2wb.2w1 2z0=2yz 30j=30i.33r 30t=30s.33r 30y=30x.33r 313=312.33r
318=317.33r 31l=30g.33p 31v=31t.31u 31x=31t.31w,33m.328,33m.31t.328,33n.328,
33n.31t.328 329=31t.328 32r=32q.33r 331=330.33r 336=335.33r 33b=33a.33r
33g=33f.33r 33t=32o.33p 36u=36t.372 3bb=8x3 3bh=8x9 3cs=3bw 5c6=5c5.5dh
5c8=5c7.5dh 5ca=5c9.5dh 5cc=5cb.5dh 5ce=5cd.5dh 5ci=5ch.5dh 5dn=5dm.5dh
5dp=5do.5dh 5ds=5dq.5dh,5dr.5dh 5dv=5du.5dh 5mo=tu,tw,u6,u9,ua,ua,ui,v7,wuj
5rg=2p,6e,2q 5rk=2s 5rm=d9 5rw=33,f7,34,36,38,39,3b,2p,gg,gh,5qa,2q,2s,2t,gp,
gr,gs,2v 5sf=2z,31,97,33,gk,5qu,5qv,34,38,39,5r1,hb,3a,5r9 5sw=qu,qv,2x,36,39,
3a,qa,qb,qp,qu,qv 5tk=u5 5uj=gi,2r,gl,6o,gs,2u,gv,gx,h1 5uv=5tn,il,h9,5tx,in,
hd,hc 5v6=hk,hu,hv,bv,i1,i2,5r0,i3,i4,3e 5vj=qg 5xd=2p.md 5xf=2q.lj 5xh=2q.mb
5xj=2q.mp 5xl=2r.mf.ld 5xn=2s.lj 5xp=2s.mb 5xr=2s.mp 5xt=2s.mf 5xv=2s.ml
5xx=2t.lg.lc 5xz=2t.lg.ld 5y1=2t.ml 5y3=2t.mo 5y5=2t.mf.li 5y7=2u.lj 5y9=2v.lg
5yb=2w.lj 5yd=2w.mb 5yf=2w.lk 5yh=2w.mf 5yj=2w.mm 5yl=2x.mo 5yn=2x.lk.ld
5yp=2z.ld 5yr=2z.mb 5yt=2z.mp 5yv=30.mb 5yx=30.mb.lg 5yz=30.mp 5z1=30.ml
5z3=31.ld 5z5=31.lj 5z7=31.mb 5z9=32.lj 5zb=32.mb 5zd=32.mp 5zf=32.ml
5zh=33.lf.ld 5zj=33.lf.lk 5zl=33.lg.lc 5zn=33.lg.ld 5zp=34.ld 5zr=34.lj
5zt=36.lj 5zv=36.mb 5zx=36.mb.lg 5zz=36.mp 601=37.lj 603=37.mb 605=37.ld.lj
607=37.lo.lj 609=37.mb.lj 60b=38.lj 60d=38.mb 60f=38.mp 60h=38.ml 60j=39.mc
60l=39.mo 60n=39.ml 60p=39.lf.ld 60r=39.lg.lk 60t=3a.lf 60v=3a.mb 60x=3b.lc
60z=3b.ld 611=3b.lk 613=3b.lj 615=3b.mb 617=3c.lj 619=3c.lk 61b=3d.lj 61d=3e.le
61f=3e.mb 61h=3e.mp,2w.mp,38.lk,3b.lm,3d.lm,2p.ji,37.lj 61q=67 61t=2p.mb
61v=2p.ll 61x=2p.le.ld 61z=2p.le.lc 621=2p.le.ll 623=2p.le.lf 625=2p.mb.le
627=2p.li.ld 629=2p.li.lc 62b=2p.li.ll 62d=2p.li.lf 62f=2p.mb.li 62h=2t.mb
62j=2t.ll 62l=2t.lf 62n=2t.le.ld 62p=2t.le.lc 62r=2t.le.ll 62t=2t.le.lf
62v=2t.mb.le 62x=2x.ll 62z=2x.mb 631=33.mb 633=33.ll 635=33.le.ld 637=33.le.lc
639=33.le.ll 63b=33.le.lf 63d=33.mb.le 63f=33.m3.ld 63h=33.m3.lc 63j=33.m3.ll
63l=33.m3.lf 63n=33.m3.mb 63p=39.mb 63r=39.ll 63t=39.m3.ld 63v=39.m3.lc
63x=39.m3.ll 63z=39.m3.lf 641=39.m3.mb 643=3d.lc 645=3d.mb 647=3d.ll 649=3d.lf
64g=q9.lv,q9.lw,q9.lv.lc,q9.lw.lc,q9.lv.ld,q9.lw.ld,q9.lv.n6,q9.lw.n6
64w=qd.lv,qd.lw,qd.lv.lc,qd.lw.lc,qd.lv.ld,qd.lw.ld 65c=qf.lv,qf.lw,qf.lv.lc,
qf.lw.lc,qf.lv.ld,qf.lw.ld,qf.lv.n6,qf.lw.n6 65s=qh.lv,qh.lw,qh.lv.lc,qh.lw.lc,
qh.lv.ld,qh.lw.ld,qh.lv.n6,qh.lw.n6 668=qn.lv,qn.lw,qn.lv.lc,qn.lw.lc,qn.lv.ld,
qn.lw.ld 66o=qt.lv,qt.lw,qt.lv.lc,qt.lw.lc,qt.lv.ld,qt.lw.ld,qt.lv.n6,qt.lw.n6
674=qx.lv,qx.lw,qx.lv.lc,qx.lw.lc,qx.lv.ld,qx.lw.ld,qx.lv.n6,qx.lw.n6
67k=q9.lc,q9.ld,qd.lc,qd.ld,qf.lc,qf.ld,qh.lc,qh.ld,qn.lc,qn.ld,qt.lc,qt.ld,
qx.lc,qx.ld 680=q9.lv.n9,q9.lw.n9,q9.lv.lc.n9,q9.lw.lc.n9,q9.lv.ld.n9,
q9.lw.ld.n9,q9.lv.n6.n9,q9.lw.n6.n9 68g=qf.lv.n9,qf.lw.n9,qf.lv.lc.n9,
qf.lw.lc.n9,qf.lv.ld.n9,qf.lw.ld.n9,qf.lv.n6.n9,qf.lw.n6.n9 68w=qx.lv.n9,
qx.lw.n9,qx.lv.lc.n9,qx.lw.lc.n9,qx.lv.ld.n9,qx.lw.ld.n9,qx.lv.n6.n9,
qx.lw.n6.n9 69c=q9.li,q9.lg,q9.lc.n9,q9.n9,q9.ld.n9 69i=q9.n6,q9.n6.n9,69c,69d,
67k,67l,69f,w.lv,qh,w.lv,w.n6,w.lk.n6,qf.lc.n9,qf.n9,qf.ld.n9 69y=qf.n6,
qf.n6.n9 6a4=69v,w.lv.lc,w.lv.ld,w.lv.n6,qh.li,qh.lg,qh.lk.lc,qh.lk.ld
6ae=qh.n6,qh.lk.n6,6a8,6a9,67q,67r 6al=w.lw.lc,w.lw.ld,w.lw.n6,qt.li,qt.lg,
qt.lk.lc,qt.lk.ld,qp.lv,qp.lw,qt.n6,qt.lk.n6,6ao,6ap,67u,67v,6at,w.lk.lc,
w.lk.ld,2o 6b6=qx.lc.n9,qx.n9,qx.ld.n9 6ba=qx.n6,qx.n6.n9,67s,67t,67w,67x,6b7,
w.ld,w.lw 6bk=w,w,w,w,w,w,w,w,w,w,w 6c1=6c0 6c7=w.mr 6ck=1a,1a.1a,1a.1a.1a
6cv=w 6cz=6cy.6cy,6cy.6cy.6cy 6d2=6d1.6d1,6d1.6d1.6d1 6d8=x.x 6da=w.lh
6dj=1r.1r,1r.x,x.1r 6dz=6cy.6cy.6cy.6cy 6e7=w 6eo=1c,2x 6ey=17,6qa,1p,14,15,32
6fe=17,6qa,1p,14,15 6fk=2p,2t,33,3c,gp,2w 6fu=34,37,38 6g8=36.37 6io=2p.1b.2r,
2p.1b.37,2r,4w.2r 6it=2r.1b.33,2r.1b.39,gr 6ix=4w.2u,2v,2w,2w,2w,2w,87,2x,2x,
30,30 6j9=32,32.33 6jg=36,36 6jk=37.31,38.2t.30,38.31 6jo=3e 6jq=qx 6js=3e
6ju=2z,6d,2q,2r 6jz=2t,2t,2u,6ku,31,33 6k9=2x 6kb=2u.2p.3c,qo,qb,qb,qo,6q9
6kl=2s,2s,2t,2x,2y 6kw=1d.6dg.1j,1d.6dg.1l,1d.6dg.1d.1c,1d.6dg.1f,1e.6dg.1f,
1d.6dg.1h,1e.6dg.1h,1f.6dg.1h,1g.6dg.1h,1d.6dg.1i,1h.6dg.1i,1d.6dg.1k,
1f.6dg.1k,1h.6dg.1k,1j.6dg.1k,1d.6dg 6ls=2x,2x.2x,2x.2x.2x,2x.3a,3a,3a.2x,
3a.2x.2x,3a.2x.2x.2x,2x.3c,3c,3c.2x,3c.2x.2x,30,2r,2s,31 6mb=6mc 6mh=1c.6dg.1f
6my=6mo.mw,6mq.mw 6ni=6ms.mw 6od=6og.mw,6ok.mw,6oi.mw 6pw=6pv.mw 6q1=6q0.mw
6q4=6q3.mw 6qs=6qr.mw 6qu=6qt.mw 6r0=6qz.6qz,6qz.6qz.6qz 6r3=6r2.6r2,
6r2.6r2.6r2 6rl=6rg.mw 6ro=6rn.mw 6rr=6rp.mw 6rt=6rs.mw 6sg=1p.mw 6si=6sh.mw
6st=6rx.mw,1o.mw,1q.mw,6sk.mw,6sl.mw 6t0=6sy.mw,6sz.mw 6t4=6t2.mw,6t3.mw
6tc=6t6.mw,6t7.mw 6tg=6te.mw,6tf.mw 6tk=6ti.mw,6tj.mw 6uk=6ua.mw,6ug.mw,6uh.mw,
6uj.mw 6w0=6t8.mw,6t9.mw,6tt.mw,6tu.mw 6wa=6uq.mw,6ur.mw,6us.mw,6ut.mw 6y1=9hk,
9hl 777=1e.1c,14.1d.15,14.1e.15,14.1f.15,14.1g.15,14.1h.15,14.1i.15,14.1j.15,
14.1k.15,14.1l.15,14.1d.1c.15,14.1d.1d.15,14.1d.1e.15,14.1d.1f.15,14.1d.1g.15,
14.1d.1h.15,14.1d.1i.15,14.1d.1j.15,14.1d.1k.15,14.1d.1l.15,14.1e.1c.15,1d.1a,
1e.1a,1f.1a,1g.1a,1h.1a,1i.1a,1j.1a,1k.1a,1l.1a,1d.1c.1a,1d.1d.1a,1d.1e.1a,
1d.1f.1a,1d.1g.1a,1d.1h.1a,1d.1i.1a,1d.1j.1a,1d.1k.1a,1d.1l.1a,1e.1c.1a,
14.2p.15,14.2q.15,14.2r.15,14.2s.15,14.2t.15,14.2u.15,14.2v.15,14.2w.15,
14.2x.15,14.2y.15,14.2z.15,14.30.15,14.31.15,14.32.15,14.33.15,14.34.15,
14.35.15,14.36.15,14.37.15,14.38.15,14.39.15,14.3a.15,14.3b.15,14.3c.15,
14.3d.15,14.3e.15 7ai=1c 8b0=6qz.6qz.6qz.6qz 8dw=1m.1m.1p,1p.1p,1p.1p.1p
8gs=8gt.mw 8rk=8rl 8rm=h7,5tp,hp 8rx=gh,hd,gg,gi 8s2=8s3 8s5=8s6 8sc=2y,3a,fz,
g0 8vf=8vg 8vh=8vi 8vm=8vn 8z3=8yp 97j=lal 99v=vj3 9a8=feo,ffs,fg6,fgf,fh5,fid,
fik,fj4,fju,g1r,g2t,g2z,g3m,g46,g4r,g68,g6t,g74,gbf,ge1,get,gey,gfs,gg1,ggs,
gh5,ghu,gja,gjs,gkj,h5j,h7j,hkb,hky,hl6,hlh,hlz,ho3,i1c,i2o,i60,i6n,i76,i7s,
i9a,i9d,ijf,ijp,ik1,ike,inm,inu,inz,ir8,iri,irv,is3,its,iu9,iur,iwz,jd4,jee,
jez,jzj,jzo,k1z,k2f,k2s,k3d,k4g,k4l,kc0,kco,kdk,l5s,l7m,l89,l9v,laj,las,laz,
lcf,lck,ldg,m7f,mju,mk6,mkb,mkf,mkn,ml5,ml7,mng,mtg,mtl,n30,n3a,n4o,n4v,n54,
n5c,n7v,n82,nee,nel,nfy,ngf,nhq,nob,noi,noz,ny2,o1k,o1q,o6s,o97,oah,okz,ooo,
p4m,p5d,p6y,p8d,pa9,pak,paq,pbn,pdr,pe1,pnn,pnu,po3,poc,pos,pp7,ppb,pri,prm,
prs,qj1,qjv,qww,qx8,qxv,r5q,r63,r82,r9c,rp3,rpi,rpx,rqw,rrx,rxg,rxs,rzn,s6j,
s7e,sd7,sds,sdx,sk1,sp5,ssm,sss,ssx,tiv,tj4,tng,trq,trt,tt4,tw1,twe,twi,twp,
tzf,u0d,u0j,u0x,u5k,u6z,u73,uc6,uc9,ucs,ujs,ul4,ulb,un9,unj,unm,unw,uoq,uzp,
vat,vb3,vc5,vcr,vcz,vd9,vdd,veh,vel,vf2,vf7,vfk,vgb,vgq,vgy,vil,vj0,vj4 9hc=w
9iu=9hu 9iw=gg1,gg4,gg5 9jg=9jf.9ll 9ji=9jh.9ll 9jk=9jj.9ll 9jm=9jl.9ll
9jo=9jn.9ll 9jq=9jp.9ll 9js=9jr.9ll 9ju=9jt.9ll 9jw=9jv.9ll 9jy=9jx.9ll
9k0=9jz.9ll 9k2=9k1.9ll 9k5=9k4.9ll 9k7=9k6.9ll 9k9=9k8.9ll 9kg=9kf.9ll,9kf.9lm
9kj=9ki.9ll,9ki.9lm 9km=9kl.9ll,9kl.9lm 9kp=9ko.9ll,9ko.9lm 9ks=9kr.9ll,9kr.9lm
9lg=9ja.9ll 9ln=w.9ll,w.9lm 9lq=9lp.9ll,9l4.9l6 9m4=9m3.9ll 9m6=9m5.9ll
9m8=9m7.9ll 9ma=9m9.9ll 9mc=9mb.9ll 9me=9md.9ll 9mg=9mf.9ll 9mi=9mh.9ll
9mk=9mj.9ll 9mm=9ml.9ll 9mo=9mn.9ll 9mq=9mp.9ll 9mt=9ms.9ll 9mv=9mu.9ll
9mx=9mw.9ll 9n4=9n3.9ll,9n3.9lm 9n7=9n6.9ll,9n6.9lm 9na=9n9.9ll,9n9.9lm
9nd=9nc.9ll,9nc.9lm 9ng=9nf.9ll,9nf.9lm 9o4=9ly.9ll 9o7=9nz.9ll,9o0.9ll,
9o1.9ll,9o2.9ll 9oe=9od.9ll,9mb.9mw 9pt=3cw,3cx,3hm,3cy,3ho,3hp 9q8=3dm 9qc=3dt
9r8=3fk,3dg,3dh,3if,3ig,3ik,3im,3ir,3iv,3ix,3do,3j1,3j3,3dp,3dq,3ds,3du,3dv,
3dz,3e1 9rx=3ea,3ee,3eo,3ev,3f0,3jl,3jm 9s7=3gk,3gl,3go,3gx,3gy,3h0,3ha,3hd
9si=feo,fik,fex,h5n,fey,ffx,fez,n5e,fh5,ffd,fep,hm1,h80,fju 9vk=14.3cw.15,
14.3cy.15,14.3cz.15,14.3d1.15,14.3d2.15,14.3d3.15,14.3d5.15,14.3d7.15,
14.3d8.15,14.3da.15,14.3db.15,14.3dc.15,14.3dd.15,14.3de.15,14.3cw.3fl.15,
14.3cy.3fl.15,14.3cz.3fl.15,14.3d1.3fl.15,14.3d2.3fl.15,14.3d3.3fl.15,
14.3d5.3fl.15,14.3d7.3fl.15,14.3d8.3fl.15,14.3da.3fl.15,14.3db.3fl.15,
14.3dc.3fl.15,14.3dd.3fl.15,14.3de.3fl.15,14.3d8.3fy.15,
14.3d7.3ft.3d8.3fp.3hn.15,14.3d7.3ft.3de.3fy.15 9wg=14.feo.15,14.fik.15,
14.fex.15,14.h5n.15,14.fis.15,14.g31.15,14.fer.15,14.g2z.15,14.fh9.15,
14.gg1.15,14.kco.15,14.m7f.15,14.ldg.15,14.kdk.15,14.ssx.15,14.h7j.15,
14.k4l.15,14.kkq.15,14.kcp.15,14.ny6.15,14.glp.15,14.mm1.15,14.rs1.15,
14.nz1.15,14.gc4.15,14.fkz.15,14.gos.15,14.i1y.15,14.nhf.15,14.flt.15,
14.rt3.15,14.ggk.15,14.nzh.15,14.fm9.15,14.pnu.15,14.po3.15,gun,inw,k1z,oen
9xs=34.38.2t 9y8=3cw,3cy,3cz 9ye=3d5,3d7,3d8 9ym=3cw.3fl,3cy.3fl,3cz.3fl,
3d1.3fl,3d2.3fl,3d3.3fl,3d5.3fl,3d7.3fl,3d8.3fl,3da.3fl,3db.3fl,3dc.3fl,
3dd.3fl,3de.3fl,3da.3fl.3hz.3cw.3ft,3d8.3fy.3d7.3g4,3d7.3fy 9z4=feo,fik,fex,
h5n,fis,g31,fer,g2z,fh9,gg1,kco,m7f,ldg,kdk,ssx,h7j,k4l,kkq,kcp,ny6,glp,mm1,
rs1,nz1,gc4,o2g,n5j,ho3,six,g16,ghc,lig,u11,fm9,g49,l7n,fey,ffx,fez,ijq,gkz,
gfv,i3b,i1y,nhf,flt,rt3,ggk,hlo a0v=1h.1c,1d.kco,1e.kco,1f.kco,1g.kco,1h.kco,
1i.kco,1j.kco,1k.kco,1l.kco,1d.1c.kco,1d.1d.kco,1d.1e.kco,2w.2v,2t.36.2v,2t.3a,
30.38.2s,9lu,9lw,9ly,9m0,9m2,9m3,9m5,9m7,9m9,9mb,9md,9mf,9mh,9mj,9ml,9mn,9mp,
9ms,9mu,9mw a22=9n6,9n9,9nc,9nf a2b=9no,9nq a2n=fl0.gp8,9lu.9n3.9lm.9oc.9mw,
9lu.9nv.9n9.9lt,9lu.9o3.9nc.9lm.9lu,9lu.9oc.9nv,9lw.9mz.9o3.9m7.9ll,
9lw.9o3.9mp,9ly.9m1.9o3,9m0.9mh.9m7.9oc.9mw.9ll,9m0.9oc.9m3.9oc,9m2.9o3.9mh,
9m2.9oc.9nk,9m3.9lw.9nu,9m3.9nt.9mr.9mw,9m3.9nx.9nu.9oc,9m3.9ll.9nx.9o3,
9m3.9ll.9o3.9ni,9m5.9ll.9m3.9ll,9m5.9ll.9mz.9oc,9m5.9np.9nu.9oc,
9m5.9ll.9nv.9mn.9ll.9oc,9m5.9nx,9m5.9nx.9m7.9ll.9nt.9nk,
9m5.9nx.9nl.9oc.9mw.9nv,9m5.9nx.9nz.9mr.9mw,9m7.9ll.9nt.9nk,
9m7.9ll.9nt.9nk.9mw.9o3,9m7.9nv.9mj.9ll.9lw.9nx,9m7.9nx.9oc.9n1,9m9.9oc.9mh,
9mb.9nv.9my,9mb.9oc.9nf.9lm,9md.9lw.9m7.9nv,9md.9o3.9mp.9oc.9nk,
9mf.9nu.9o3.9m7.9ll,9mj.9o3.9mp,9mj.9o3.9mw,9mn.9ll.9oc.9mh,9mu.9ll.9mf,
9mw.9ll.9nv,9mw.9o3,9my.9n2,9n2.9mr.9mw,9n3.9lw.9ms,9n3.9lm.9oc.9mj.9o3.9mw,
9n3.9lm.9oc.9ms,9n3.9ll.9oc.9nw.9nv,9n6.9lm.9lu.9mh.9mw.9nv,9n6.9lm.9m7.9nv,
9n6.9lm.9mb,9n6.9ll.9nv,9n9.9lt.9nt.9mr.9mw.9ll,9n9.9lv.9oc.9mw,
9n9.9ll.9mr.9mf.9lz.9nv,9n9.9nt.9o3,9nc.9m7.9mn.9oc.9nv,9nc.9lm.9ml,
9nc.9lm.9mz.9n6,9nc.9nv.9ms,9nc.9lm.9o3.9mh,9nc.9lm.9oc.9mf.9ll,
9nc.9ll.9oc.9mn,9nf.9lm.9lw.9o3.9mw,9nf.9ll.9nv.9mw,9nf.9o3,
9nf.9lm.9o3.9mw.9ll,9nf.9oc.9nv,9nf.9oc.9o3,9ni.9lw.9m7.9nx,9ni.9lw.9nv,
9ni.9mr.9n3,9ni.9nv.9m7,9ni.9o3.9mf.9nr.9o3,9nj.9m7.9nx.9o3,9nj.9nu,
9nj.9nu.9n3.9ll.9oc.9nv,9nl.9m3.9ll,9nl.9m3.9ll.9mw.9o3,9nl.9oc.9mw.9nv,
9no.9oc.9mw.9ll,9no.9oc.9nv,9nq.9lu.9o3,9nu.9mr.9mw.9nv,9nu.9nt,
9nv.9n6.9lm.9oc,9nv.9oc.9n9.9ll.9nv,9nw.9nk,9nw.9o3.9mw.9m9.9ll.9o3,
9nz.9mr.9mw,1c.m9l,1d.m9l,1e.m9l,1f.m9l,1g.m9l,1h.m9l,1i.m9l,1j.m9l,1k.m9l,
1l.m9l,1d.1c.m9l,1d.1d.m9l,1d.1e.m9l,1d.1f.m9l,1d.1g.m9l,1d.1h.m9l,1d.1i.m9l,
1d.1j.m9l,1d.1k.m9l,1d.1l.m9l,1e.1c.m9l,1e.1d.m9l,1e.1e.m9l,1e.1f.m9l,
1e.1g.m9l,2w.34.2p,2s.2p,2p.39,2q.2p.36,33.3a,34.2r,2s.31,2s.31.1e,2s.31.1f,
2x.39,inn.jdc,k6l.gp8,hlz.l7n,k5q.lh7,kkq.irz.fmi.ny6,34.2p,32.2p,qk.2p,31.2p,
2z.2p,2z.2q,31.2q,2v.2q,2r.2p.30,2z.2r.2p.30,34.2u,32.2u,qk.2u,qk.2v,31.2v,
2z.2v,2w.3e,2z.2w.3e,31.2w.3e,2v.2w.3e,38.2w.3e,qk.30,31.30,2s.30,2z.30,2u.31,
32.31,qk.31,31.31,2r.31,2z.31,31.31.1e,2r.31.1e,31.1e,2z.31.1e,31.31.1f,
2r.31.1f,31.1f,2z.31.1f,31.6qd.37,31.6qd.37.1e,34.2p,2z.34.2p,31.34.2p,
2v.34.2p,36.2p.2s,36.2p.2s.6qd.37,36.2p.2s.6qd.37.1e,34.37,32.37,qk.37,31.37,
34.3a,32.3a,qk.3a,31.3a,2z.3a,31.3a,34.3b,32.3b,qk.3b,31.3b,2z.3b,31.3b,2z.qx,
31.qx,2p.1a.31.1a,2q.35,2r.2r,2r.2s,2r.6qd.2z.2v,2r.33.1a,2s.2q,2v.3d,2w.2p,
2w.34,2x.32,2z.2z,2z.31,2z.38,30.31,30.32,30.33.2v,30.3c,31.2q,31.2x.30,
31.33.30,34.2w,34.1a.31.1a,34.34.31,34.36,37.36,37.3a,3b.2q,3a.6qd.31,
2p.6qd.31,1d.k4l,1e.k4l,1f.k4l,1g.k4l,1h.k4l,1i.k4l,1j.k4l,1k.k4l,1l.k4l,
1d.1c.k4l,1d.1d.k4l,1d.1e.k4l,1d.1f.k4l,1d.1g.k4l,1d.1h.k4l,1d.1i.k4l,
1d.1j.k4l,1d.1k.k4l,1d.1l.k4l,1e.1c.k4l,1e.1d.k4l,1e.1e.k4l,1e.1f.k4l,
1e.1g.k4l,1e.1h.k4l,1e.1i.k4l,1e.1j.k4l,1e.1k.k4l,1e.1l.k4l,1f.1c.k4l,
1f.1d.k4l,2v.2p.30 wws=ui,uk x2o=x2n x2x=x2y x2z=x30 x31=5tl x3f=x3g x3h=h1
x3k=x3l x3m=x3n x4a=h2,gs,gx,h8,h6 x4g=im,hz,il,xub x50=x3o,hu,5u6,x54 x55=x56
x5c=x5d x5i=x5j x5k=x5l x6a=2r,2u,35,x6e x6g=87,9f xuk=x0n,xtj,h7,xua xux=i5
1d6o=rpk,kc4,s7e,rt4,lw1,fg2,gkl,vj0,vj0,hn5,ssx,gw7,hmw,jcm,ne1,p6t,qin,qt6,
r20,sjz,kxu,ljv,mah,mvy,q4d,sq2,uep,fia,ghh,l50,mjf,qi5,v8e,ifk,m3v,qfh,r50,
jih,pnc,qvz,iq2,kd3,lm2,mpo,slq,fpi,g53,gda,jwk,l3n,mj4,nhj,pa9,qh2,qjg,s1b,
tv6,upb,v7e,nt8,nzz,otc,q15,t1g,vb3,rfa,hjz,iro,okg,pdq,mle,nuy,rsy,ttj,hjs,
i8y,kyb,lp6,lxr,oq7,oxj,tor,gcy,pe3,g64,g5o,o4c,ou6,q29,tpx,rk0,jin,kxu,rge,
fg9,i5j,iz6,mtj,n74,gev,nwb,fr3,iw9,ff1,lho,k1k,opu,gjn,hge,ni9,q4p,re2,la2,
sds,lfs,jjy,put,jog,n6t,fji,g2x,g5l,kn5,oo7,prj,rf6,ssv,gdx,gn6,ho3,ir0,k3p,
m4e,nxm,tkd,ui2,vbr,vda,gbf,kau,l87,sbm,ino,j9s,jcw,jve,lyb,mdl,n0p,o22,ovo,
pdb,s9y,q9a,sgz,t3e,g7r,gbn,gql,ma0,r0i,re2,iq1,iyd,jnf,l9q,oji,mt1,fl0,h6h,
i5j,iii,izg,muq,mzt,p7e,pc6,svo,tti,tvs,u1k,fpn,o1a,ss4,trs,j4x,fie,fyy,i5q,
i7z,k2h,kxu,mha,ncy,q9o,sjg,vil,k94,tny,gax,kfv,kj7,lkx,luk,mx5,n6h,nsb,opc,
u3i,g31,je6,tq0,fu3,ie1,lpm,sa2,ivf,j7o,kk7,mtj,tqe,g89,glr,i91,k5v,kem,ko8,
lid,mx2,naa,p6h,r0v,r1d,sss,tsy,gfz,lve,gm5,mhc,n14,qgq,tr7,uvr,vbz,kgn,lor,
pns,o97,obk,olu,mo0,m8p,riw,fk0,px2,g8q,g7b,ip2,jir,onq,i2t,ljy,kac,saj,qx8,
tot,r63,iqb,g1s,gxs 1de8=hga 1dea=k8k 1ded=g66,mqy,ngq,ny4,nz2,nz9,o0f,tw6,on2,
p8d 1deo=qhe 1deq=rg8 1det=shk,sn1 1dey=u7j,u7w,u94,v5g,sm6,trr,fqm,fzb,g25,
gcp,gdg,ggh,gwt,gzq,h2g,hfk,hig,i90,i9a,j2s,j8o,j9q,jci,k0f,k4i,k9d,kn9,lmf,
lqy,lya,mem,mjv,mxu,ntd,ny6,nyh,nyg,nyo,nyu,nz1,o0d,o0e,o5c,o75,og0,ovo,ow9,
oxt,p6a,pad,pnx,prt,prt,q53,r2o,r6e,rgh,ri1,rtf,ruw,sdy,shk,tsz,u0v,u2j,j1x,
36cu,pp4 1dgw=ffq,g51,g2w,fpc,g1x,g3k,gcn,ge2,gwt,gut,gwp,gyq,hga,hir,hms,hn8,
huq,i08,iqa,iqh,iuh,iwd,j4o,j7y,j60,j9q,j8g,jci,jec,jpg,jrw,jte,k0m,k8k,kd3,
kd7,keu,l89,la2,lkx,lwb,lvv,lya,m5a,mem,nmv,mk5,mnj,mqy,n01,n46,n5n,nbx,nbz,
ngq,nh7,nhw,nka,nk0,nv0,o8h,og0,ol7,orf,ovo,p4u,pad,pxu,q27,qrd,r41,r5y,r6e,
ren,rg8,rez,rgh,rge,rfx,ri1,rka,ruw,sag,sj6,srd,sxi,tq4,tsz,tw6,tzv,u0v,u17,
u2j,umq,vj0,313e,3138,33dh,brx,cns,cop,39e1,3bgw,3i6r,vgj,vim 1dkw=2u.2u,2u.2x,
2u.30,2u.2u.2x,2u.2u.30,37.38,37.38 1dlf=12s.12u,12s.12d,12s.12j,132.12u,
12s.12l 1dlp=15l.14k 1dlr=16a.14n,15u,15c,15f,15g 1dlz=160,162,17,161.14x,
161.14y,161.14s.14x,161.14s.14y,15c.14n,15c.14o,15c.14s,15d.14s,15e.14s,
15f.14s,15g.14s,15h.14s,15i.14s 1dmg=15k.14s,15l.14s,15m.14s,15n.14s,15o.14s
1dmm=15q.14s 1dmo=15s.14s,15t.14s 1dmr=15v.14s,15w.14s 1dmu=15y.14s,15z.14s,
160.14s,161.14s,162.14s,15h.14p,15d.14v,15n.14v,15w.14v,15c.15o,19t,19t,1a3,
1a3,1a3,1a3,1a6,1a6,1a6,1a6,1a8,1a8,1a8,1a8,1a2,1a2,1a2,1a2,1a7,1a7,1a7,1a7,
1a1,1a1,1a1,1a1,1b8,1b8,1b8,1b8,1ba,1ba,1ba,1ba,1ac,1ac,1ac,1ac,1ab,1ab,1ab,
1ab,1ae,1ae,1ae,1ae,1af,1af,1af,1af,1al,1al,1ak,1ak,1am,1am,1ag,1ag,1aw,1aw,
1ap,1ap,1bd,1bd,1bd,1bd,1bj,1bj,1bj,1bj,1bn,1bn,1bn,1bn,1bl,1bl,1bl,1bl,1bu,
1bu,1bv,1bv,1bv,1bv,1cl.190,1cl.190,1c1,1c1,1c1,1c1,1by,1by,1by,1by,1ci,1ci,
1ci.190,1ci.190 1dqr=1bh,1bh,1bh,1bh,1c7,1c7,1c6,1c6,1c8,1c8,1c7.19w,1cb,1cb,
1c5,1c5,1c9,1c9,1cg,1cg,1cg,1cg,18p,18p,18q.190.17r,18q.190.17r,18q.190.1cl,
18q.190.1cl,18q.190.18o,18q.190.18o,18q.190.1c7,18q.190.1c7,18q.190.1c6,
18q.190.1c6,18q.190.1c8,18q.190.1c8,18q.190.1cg,18q.190.1cg,18q.190.1cg,
18q.190.18p,18q.190.18p,18q.190.18p,1cc,1cc,1cc,1cc,18q.190.17w,18q.190.17x,
18q.190.18l,18q.190.18p,18q.190.18q 1ds8=17s.18l,17s.18p,17s.18q 1dse=17u.18l,
17u.18p,17u.18q,17v.17w,17v.18l,17v.18p,17v.18q,17w.17x,17w.18l,17x.17w,
17x.18l,17y.17w,17y.17x,17y.18l 1dsv=183.18l,185.17x,185.18l 1dt1=186.18l,
187.17x,187.18l,188.18l,189.17w,189.18l,18a.17w,18a.18l 1dtc=18h.18l,18h.18p,
18h.18q,18i.17x,18i.18l,18i.18p,18i.18q,18j.17r 1dtn=18j.18k,18j.18l,18j.18p,
18j.18q 1dtu=18k.18l,18k.18p,18k.18q 1du0=18l.18l,18l.18p,18l.18q 1du6=18m.18l,
18m.18p,18m.18q,18n.17w,18n.18l,18n.18p,18n.18q 1dug=18q.18l,18q.18p,18q.18q,
180.19s,181.19s,18p.19s,w.18s.18x,w.18t.18x,w.18u.18x,w.18v.18x,w.18w.18x,
w.18x.19s,18q.190.181,18q.190.182,18q.190.18l,18q.190.18m,18q.190.18p,
18q.190.18q,17s.181,17s.182,17s.18l,17s.18m,17s.18p,17s.18q,17u.181,17u.182,
17u.18l,17u.18m,17u.18p,17u.18q,17v.181,17v.182,17v.18l,17v.18m,17v.18p,
17v.18q,18h.18p,18h.18q,18i.18p,18i.18q,18j.17r,18j.18k,18j.18l,18j.18p,
18j.18q,18k.18l,18k.18p,18k.18q,18l.17r,18l.18l,18m.181,18m.182,18m.18l,
18m.18m,18m.18p,18m.18q,18p.19s,18q.181,18q.182,18q.18l,18q.18m,18q.18p,18q.18q
1dwa=18q.190.18l,18q.190.18n 1dwf=17s.18l,17s.18n 1dwk=17u.18l,17u.18n,17v.18l,
17w.17x,17w.18l,17x.17w,17x.18l,17y.17w,17y.18l 1dww=183.18l,185.17x,185.17y,
185.18l 1dx3=186.18l,187.17x,188.18l,189.17w,189.18l,18a.17w,18a.18l
1dxd=18h.18l,18i.17x,18i.18l 1dxj=18j.18k,18j.18l 1dxo=18k.18l,18k.18n
1dxt=18l.18l 1dxx=18m.18l,18m.18n,18n.17w,18n.18l,18n.19s 1dy5=18q.18l,18q.18n,
18q.190.18l,18q.190.18n,17s.18l,17s.18n,17u.18l,17u.18n,17v.18l,17v.18n,
183.18l,183.18n,184.18l,184.18n,18j.18k,18j.18l,18k.18l,18m.18l,18m.18n,
18q.18l,18q.18n,18g.18u.18x,18g.18v.18x,18g.18w.18x,187.18p,187.18q,189.18p,
189.18q,18a.18p,18a.18q,183.18p,183.18q,184.18p,184.18q,17x.18p,17x.18q,
17w.18p,17w.18q,17y.18p,17y.18q,185.18p,185.18q,186.18p,186.18q 1dzg=184.18l,
184.181,183.181,185.181,186.181,187.18p,187.18q,189.18p,189.18q,18a.18p,
18a.18q,183.18p,183.18q,184.18p,184.18q,17x.18p,17x.18q,17w.18p,17w.18q,
17y.18p,17y.18q,185.18p,185.18q,186.18p,186.18q 1e08=184.18l,184.181,183.181,
185.181,186.181 1e0g=184.18l,183.18n,184.18n,187.18l 1e0q=187.18l,188.18l,
17r.18r,17r.18r 1e1c=17u.17w.18l,17u.17x.17w,17u.17x.17w,17u.17x.18l,
17u.17y.18l 1e1k=17w.18l.17x,17w.18l.17x,17x.18l.18q,17x.18l.18p,183.17x.17w,
183.17w.17x,183.17w.18p,183.18l.17x,183.18l.17x,183.18l.17w,183.18l.18l,
183.18l.18l,185.17x.17x,185.17x.17x,185.18l.18l,184.17x.18l,184.17x.18l,
184.17w.18q,184.18l.17y,184.18l.17y,184.18l.18l,184.18l.18l,186.17x.18p,
186.17y.18l,186.17y.18l,187.18l.17x,187.18l.17x,187.18l.18l,187.18l.18q,
189.17w.18l,189.18l.18l,189.18l.18l,189.18l.18p,18a.18l.18l,18a.18l.18q,
18a.18l.18p,18h.17y.18l,18h.17y.18l,18i.18l.17x,18i.18l.18l,18k.17x.18l,
18k.17x.18q,18k.17x.18p,18k.17w.17w,18k.17w.17w,18k.17y.18l,18k.17y.18l,
18k.18l.17x,18k.18l.17x,18l.17x.17w,18l.17x.18l,18l.17x.18q,18l.17w.17x,
18l.17w.18l,18l.17y.17w,18l.17y.18l 1e36=18l.17w.17y,18n.18l.17w,18n.18l.18l,
18m.17x.18l,18m.17x.18p,18m.17w.18l,18m.17w.18l,18m.17w.18p,18m.18l.18q,
18m.18l.18p,18q.18l.18l,18q.18l.18l,17s.17y.18q,17u.17w.18q,17u.17w.18p,
17u.17y.18q,17u.17y.18p,17u.18l.18q,17u.18l.18p,17w.18l.18q,17w.17x.18p,
17w.18l.18p,183.17y.18p,185.17x.18q,184.17x.18q,186.17x.18q,18k.17w.18q,
18k.18l.18q,18q.17x.18q,18q.17w.18q,18q.18l.18q,18l.18l.18q,18i.18l.18q,
18m.17x.18q,18i.18l.17x,18k.17x.18l,189.18l.18q,18j.18l.18q,18m.17w.17x,
18l.17y.18q,18k.17w.18l,18j.18l.18l,18k.17w.18l,18m.17w.17x,17w.17x.18q,
17x.17w.18q,18l.17w.18q,18h.18l.18q,17s.17x.18q,18j.18l.18l,189.17w.18l,
185.18l.18l,183.17y.18q,18m.17w.18q 1e5s=185.18k.1ci,18i.18k.1ci,
17r.18k.18k.18n,17r.18j.17s.181,18l.17x.18l.17z,185.18k.189.18l,
181.183.18o.18k,189.18k.18q.18n,18o.183.18k.18l,185.18k.18p,
185.18k.18p.w.17r.18k.18k.18n.w.189.18k.18q.18n.w.18o.183.18k.18l,
17w.18k.w.17w.18k.17r.18k.18n,181.1cc.17r.18k 1e6o=18,9hd,9he,1m,1n,x,1r,9hy,
9hz,1a.1a.1a 1e7k=1a.1a,6c4,6c3,2n,2n,14,15,3f,3h,9hw,9hx,9hs,9ht,9hm,9hn,9hk,
9hl 1e87=2j,2l,w.lh,w.lh,w.lh,w.lh,2n,2n,2n,18,9hd,1a 1e8k=1n,1m,1r,x,6c4,14,
15,3f,3h,9hw,9hx,z,12,16,17,19,1o,1q,1p 1e94=2k,10,11,1s 1e9c=w.18r,18g.18r,
w.18s 1e9g=w.18t 1e9i=w.18u,18g.18u,w.18v,18g.18v,w.18w,18g.18w,w.18x,18g.18x,
w.18y,18g.18y,17l,17r.18z,17r.18z,17r.190,17r.190,18o.190,18o.190,17r.191,
17r.191,18q.190,18q.190,18q.190,18q.190,17r,17r,17s,17s,17s,17s,17t,17t,17u,
17u,17u,17u,17v,17v,17v,17v,17w,17w,17w,17w,17x,17x,17x,17x,17y,17y,17y,17y,
17z,17z,180,180,181,181,182,182,183,183,183,183,184,184,184,184,185,185,185,
185,186,186,186,186,187,187,187,187,188,188,188,188,189,189,189,189,18a,18a,
18a,18a,18h,18h,18h,18h,18i,18i,18i,18i,18j,18j,18j,18j,18k,18k,18k,18k,18l,
18l,18l,18l,18m,18m,18m,18m,18n,18n,18n,18n,18o,18o,18p,18p,18q,18q,18q,18q,
18k.17r.18z,18k.17r.18z,18k.17r.190,18k.17r.190,18k.17r.191,18k.17r.191,
18k.17r,18k.17r 1efz=879,87a,9he,9ho,9hp,9hd,9ob,9o2,9lt,9lv,9lx,9lz,9m1,9nn,
9np,9nr,9mr,9oc,9lu,9lw,9ly,9m0,9m2,9m3,9m5,9m7,9m9,9mb,9md,9mf,9mh,9mj,9ml,
9mn,9mp,9ms,9mu,9mw 1eh7=9n6,9n9,9nc,9nf 1ehg=9no,9nq 1eho=9nz,9o3,9ll,9lm,3fk,
3cw,3cx,3hm,3cy,3ho,3hp 1ei8=3dm 1eic=3dt 1ejk=4i,4j,4s,w.lg,4m,4l,6g9 1ejs=7b6
1ejx=7fk,7gr 1fo5=1fp8 1g1t=k0,k1,6e,ih,gj 1g1z=ir,xuu,it,is,gm,gn,5u9,go,gu,
ix,h0,gy,gw,ij,87,ik,h3,hw,iy,iz,h8,2mmc,x3i,ha,2mmd,i6,2mme,6w,hi,hj,35,hm,
2mmg,hp,hq,hs,iw,iu,xuv,iv,i0,8s1 1g36=i7,ip,iq,ig 1g3d=2mmi,2mn2
1hui=1huh.1hve 1huk=1huj.1hve 1huz=1hut.1hve 1hym=1hyp.1hyf,1hyq.1hyf
1idn=1idj.1ida,1idj.1idz 1inv=1int.1inu,1int.1ink 1iny=1int.1inx
1iuy=1iuw.1iun,1iux.1iun 1jjs=1jjp.1jjk 2jxa=2jx3.2jxh,2jx4.2jxh
2jzv=2jzt.2jxh,2jzu.2jxh,2jzt.2jxh.2jxq,2jzu.2jxh.2jxq,2jzt.2jxh.2jxr,
2jzu.2jxh.2jxr 2kkc=2p 2kke=2r,2s 2kki=2v 2kkl=2y,2z 2kn8=2p 2knc=2t 2kne=2v
2koo=2p 2kox=2y 2koz=30 2kys=8h,fr 2kzd=qg 2kzl=6pz 2l03=qr 2l0b=6pu,qd,qg,qi,
qu,qp,qo 2l0z=qg 2l17=6pz 2l1p=qr 2l1x=6pu,qd,qg,qi,qu,qp,qo 2l2l=qg 2l2t=6pz
2l3b=qr 2l3j=6pu,qd,qg,qi,qu,qp,qo 2l47=qg 2l4f=6pz 2l4x=qr 2l55=6pu,qd,qg,qi,
qu,qp,qo 2l5t=qg 2l61=6pz 2l6j=qr 2l6r=6pu,qd,qg,qi,qu,qp,qo,rh,rh 2pkw=17r,
17s,17w,17z 2pl1=18o,182,17x,187,18q 2pla=183,189,18h,185,18i,181,184,17u,17v,
17y,180,186,188,18a,19q,1bu,1b5,19r 2plt=17s,17w 2plw=18n 2plz=17x 2pm1=18q
2pm6=183,189,18h,185,18i 2pmc=184,17u,17v,17y 2pmh=186 2pmj=18a 2pmq=17w
2pmv=17x 2pmx=18q 2pmz=18k 2pn1=18m,183,189 2pn5=185,18i 2pn8=184 2pnb=17y
2pnd=186 2pnf=18a 2pnh=1bu 2pnj=19r 2pnl=17s,17w 2pno=18n 2pnr=17x,187,18q,18j
2pnw=18l,18m,183,189,18h,185,18i 2po4=184,17u,17v,17y 2po9=186,188,18a,19q
2poe=1b5 2pog=17r,17s,17w,17z,18n,18o,182,17x,187,18q 2pou=183,189,18h,185,18i,
181,184,17u,17v,17y,180,186,188,18a 2ppd=17s,17w,17z 2pph=18o,182,17x,187,18q
2ppq=183,189,18h,185,18i,181,184,17u,17v,17y,180,186,188,18a 2q68=1c.1a,1c.18,
1d.18,1e.18,1f.18,1g.18,1h.18,1i.18,1j.18,1k.18,1l.18 2q6o=14.2p.15,14.2q.15,
14.2r.15,14.2s.15,14.2t.15,14.2u.15,14.2v.15,14.2w.15,14.2x.15,14.2y.15,
14.2z.15,14.30.15,14.31.15,14.32.15,14.33.15,14.34.15,14.35.15,14.36.15,
14.37.15,14.38.15,14.39.15,14.3a.15,14.3b.15,14.3c.15,14.3d.15,14.3e.15,
9hw.37.9hx,2r,36,2r.2s,3b.3e 2q8a=2w.3a,31.3a,37.2s,37.37,34.34.3a,3b.2r
2q96=31.2r,31.2s,31.36 2qa8=2s.2y 2qdc=9kr.9jf,9mb.9mb,9md 2qds=jez,i1j,gjw,
9mu.9ll,fik,hlm,r8j,hm1,fj8,k68,mch,k2h,g99,ivg,g3x,k34,g7x,oqq,n4v,rs9,hkg,
gmx,lxw,jh1,jmd,feo,fex,si2,ijq,ffx,gkz,jk7,rxs,jf7,o01,o6y,glk,lts,kcp,kco,
n5f,gaa,gxi,sp9 2qf4=9hw.kdo.9hx,9hw.fex.9hx,9hw.fik.9hx,9hw.i2x.9hx,
9hw.m9l.9hx,9hw.jf7.9hx,9hw.nh3.9hx,9hw.gd9.9hx,9hw.k0n.9hx 2qfk=ivr,gkv
464g=fgd,fg8,fgh,2tcy,fog,fqm,fqz,fsy,fwa,fx5,fzb,fyn,ae6,2ud6,g25,g2c,g2s,g3b,
2u58,aex,g2v,g3x,2u6j,g47,g4k,fkc,g4s,g51,3ly7,g6t,g77,afz,g8r,g92,gaa,gaf,ahh,
gcn,gcp,gdg,ge2,ged,gee,gev,gg9,ggh,ggq,ghf,ghp,ghr,ghr,ghr,2v58,m7k,gju,gkf,
2vdv,gkr,gkx,gli,gpq,gmw,gnc,go8,gpu,gs6,gsw,gur,gv7,gw4,gw4,gwp,gx7,gxf,gxu,
h7a,gzq,h7b,h1t,h2s,g7b,hke,hce,hdg,he5,haj,hf6,hf5,hik,2x9g,hki,hkn,hl2,hlm,
hlu,hnm,2xm0,2xnu,hrg,hsr,ht3,hqw,huu,aum,av0,hzc,i0u,i0u,2y88,i4j,i54,i5j,i5v,
2yhk,i67,i6e,itv,i76,ayp,i8w,i9a,ibk,ia5,2z1g,if7,2z1i,ige,igb,igs,ijl,ijm,b3j,
ikd,ilk,im5,ind,b4y,2zr7,b5o,ipc,ipf,ipi,iq2,3pg2,iri,3035,3035,poh,isi,isi,
b7r,335k,3cgq,iua,iuj,b8j,ivu,ix9,ixj,iyh,j29,bay,ba4,j2s,30t0,j47,j7s,j7w,j7y,
j7w,j96,j9q,jaq,jac,jan,jby,jci,jcm,jdc,jdn,jfh,jht,jis,jm8,31n0,jlp,jjw,jmw,
jnn,jqc,31td,js2,jph,jop,bhq,ju1,jum,jvh,juf,bjg,k0f,k18,32mi,k4j,kc8,k7d,bo9,
k9d,bns,bms,g42,g45,kcg,k9o,pf1,deh,kd3,kd7,kdd,kf2,ker,33cz,bpl,kje,kg5,klu,
kn9,33hp,kni,kkf,kr8,brx,ksi,kv7,kx6,l2g,33xf,l3v,bvc,l5t,34br,l78,bwu,l82,l9b,
la2,la3,34p9,2yvf,34sa,le6,354s,lhb,lhp,lev,ljq,lku,lmf,lkx,lm1,lmg,lmt,357i,
lkk,lrj,lta,c37,lvv,lvr,35jl,lq1,m0e,35ni,35ou,m2u,m61,m5a,m57,c5y,m6i,m7x,m7r,
m99,2u5h,mdh,368z,mfw,36i3,mjs,mk5,mkw,36yw,mm8,mmt,3779,37dg,mt6,mtn,cdo,mud,
ce0,ce0,myv,mzg,n01,n0l,n2i,cgr,n50,386u,n5q,389e,n74,2zrz,nbk,38v5,38vs,38zo,
cn0,cnc,nhw,394j,394i,395l,396b,nj2,nj3,nj3,nka,cop,nm3,cp2,cra,39r1,nri,nt8,
nv0,ctf,3a5i,nyu,3a8q,3a9x,o0f,o2z,cvj,o5c,o5m,o5r,3at8,3b1j,3b1j,oa6,d1e,3b8r,
og6,og9,d2f,3beo,onm,d5s,oo8,oo3,oow,3c06,orn,d8h,ouf,ow2,oxx,d9w,3ciw,3cjr,
dax,3cnt,p6i,3cqm,p79,pa2,pad,3d22,3d43,pcw,3d7s,pdc,33a7,ded,pf6,phf,dfv,pj2,
hx1,3dlz,3dmd,33bn,33bw,poh,pok,sda,dij,psh,psb,pst,gc3,ptd,ptf,ptp,puu,3ebg,
put,pwd,pyb,q0d,pwj,q0t,q1z,q53,pxv,q16,q18,q1o,3eie,3eqz,3emt,dnv,q9d,q9f,qae,
3g0a,qck,3f3g,dp9,dpd,3f75,3ff6,dpn,qj4,qjg,qjr,qjt,qll,qko,qoe,qn6,qrd,qp4,
qqz,qrq,dsn,qu9,qv5,dtl,qxs,qxv,3giv,r13,r1a,dv9,r22,aez,3gz2,3h46,dz2,dzb,rds,
rfx,rka,rpx,3hrc,rsb,rsx,rvf,rxz,3i9b,2upw,s0b,rzw,s1c,2uvy,s7o,sag,3jki,3jl9,
sk4,smp,snl,3ju6,snv,svs,t07,t08,sxo,t89,t91,3ksa,tjf,ej9,tkn,3l2v,eli,ts3,iia,
tur,3ltx,3lzu,epa,epi,u00,3mdm,er6,3mhi,u17,u17,u21,3mpi,u76,eur,u95,ucn,ude,
uf2,ez2,3nsg,umq,uv4,v0d,f66,f71,v3b,3owe,f7c,3oxx,3p5a,3p8x,vcr,f9y,veh,vem,
vet,vf3,vfa,vgb,3pxc
]]

-- class=first+count,first+count: the marks that combine.
M.classes = [[
1=ms+5,5p0+1,5pe+7,6he+2,6hk+3,6hx+2,6i2+2,1gl5+1,1zow+5,2ftq+1,2jxj+3 6=20og+2
7=1to+1,1x8+1,20s+1,24c+1,27w+1,2f0+1,2ik+1,37b+1,5dg+1,5ie+1,5kn+1,xir+1,
1hve+1,1i0j+1,1i2y+1,1i5y+1,1iax+1,1id7+2,1ikm+1,1io3+1,1iv4+1,1j1z+1,1jcq+1,
1jk3+1,1kci+1,2one+1 8=9ll+2 9=1u5+1,1xp+1,219+1,24t+1,28d+1,2bx+1,2fh+1,2j1+1,
2m3+2,2ml+1,2q2+1,2t6+1,2wq+1,32c+1,37d+2,4k4+2,4l0+1,4pe+1,57k+1,5dw+1,5gq+2,
5iq+2,8zj+1,x6u+1,x7w+1,xc4+1,xg3+1,xj4+1,xrq+1,xyl+1,1glb+1,1hs6+1,1htc+1,
1htr+1,1hvd+1,1hyr+2,1i2o+1,1i5x+1,1iay+1,1idp+1,1iki+1,1io2+1,1iv3+1,1iyn+1,
1j1y+1,1j57+1,1jcp+1,1jjx+2,1jog+1,1jqs+1,1jrb+1,1jtl+1,1k5b+1,1kck+2,1kev+1
a=14g+1 b=14h+1 c=14i+1 d=14j+1 e=14k+1 f=14l+1 g=14m+1 h=14n+1 i=14o+1,153+1
j=14p+2 k=14r+1 l=14s+1 m=14t+1 n=14v+1 o=14x+1 p=14y+1 q=1dlq+1 r=18r+1,1rk+1
s=18s+1,1rl+1 t=18t+1,1rm+1 u=17c+1,18u+1 v=17d+1,18v+1 w=17e+1,18w+1 x=18x+1
y=18y+1 z=19s+1 10=1e9+1 2c=2fp+1 2j=2fq+1 2v=2t4+2 2z=2tk+4 3a=2wo+2 3e=2x4+4
3l=31t+1 3m=31u+1,322+4,328+1 3o=31w+1 5m=m9+2,mf+2,5w0+1 5y=5vy+1 60=m3+1,
309+1,2jxh+2,2jxq+5 62=5x6+1,9ii+1 64=ly+4,m4+5,mb+4,mh+b,mx+4,nb+3,nh+2,nn+4,
nt+2,13l+1,13q+1,13v+1,142+6,14a+1,151+1,191+2,198+1,19b+1,1cz+1,1d6+1,1d9+1,
1f5+1,1f8+1,1fb+3,1ff+2,1fi+1,1fm+1,1fo+1,1fq+1,1fs+1,1ki+1,1kt+1,1nd+3,1p5+3,
1qn+5,1r7+1,1ra+1,1rd+1,1rh+3,1rq+1,1rt+2,1ua+1,2zc+2,305+1,307+1,346+1,39p+1,
4zf+1,55k+1,58f+1,59x+6,5a5+1,5a7+2,5ab+2,5ai+1,5f0+1,5p1+5,5p8+4,5pp+1,5vm+1,
5vu+1,5vz+1,5x5+1,5x9+1,5xb+1,6i0+1,6i4+4,xez+3,xpw+1,1e7b+7,1eyl+1,1f4w+1,
1gjx+1,1gl6+1,1gpy+1,1hl2+2,1hl7+1,1hl9+4,1hmr+1,1hmt+1,2jy3+8,2jyi+2,2ok0+7
66=13u+1,14d+1,4zd+1,9il+1 68=9im+2 6a=2jxp+1 6c=14e+1,4vd+1,5x3+2,9ij+1
6e=lc+l,n1+8,na+1,ne+3,nk+3,nr+1,nv+1,o3+d,w3+5,13m+4,13r+3,13w+6,148+2,14b+2,
14f+1,150+1,174+8,18z+2,193+5,199+2,1cm+7,1cv+4,1d0+1,1d3+2,1d7+2,1f4+1,1f6+2,
1f9+2,1fe+1,1fh+1,1fj+3,1fn+1,1fp+1,1fr+1,1ft+2,1kb+7,1kj+1,1li+4,1ln+9,1lx+3,
1m1+5,1p4+1,1p8+4,1qi+5,1qs+e,1r8+2,1rb+2,1re+3,1rn+3,1rr+2,1rv+5,1u9+1,1ub+2,
1z2+1,32a+2,32e+2,3tp+3,4pp+1,4ze+1,55j+1,585+8,59s+5,5a3+2,5a9+2,5ad+5,5aj+4,
5ez+1,5f1+7,5ow+3,5p6+2,5pc+1,5pw+1,5q0+2,5vk+2,5vn+7,5vv+2,5w1+11,5x7+1,5xa+1,
6hc+2,6hg+4,6hn+2,6ht+1,6hz+1,6i1+1,6i8+1,8vj+3,928+w,wvj+1,wvo+a,wwu+2,wz4+2,
xcw+i,xps+1,xpu+2,xpz+2,xq6+2,xq9+1,1e74+7,1e7i+2,1f92+5,1gjz+1,1gl4+1,1gpx+1,
1h5w+4,1hgr+2,1hl4+3,1hl8+1,1hmq+1,1hms+1,1hxc+3,1iee+7,1ieo+5,1ila+1,1zqo+7,
2jyd+5,2jze+4,2k3m+3,2mtc+7,2mtk+h,2mu3+7,2mub+2,2mue+5,2n1s+7,2nce+1,2ne4+4,
2on8+6 6g=lx+1,m2+1,ns+1,5x2+1,9ik+1 6h=nw+1,nz+1,o2+1,5x8+1 6i=nx+2,o0+2,5vx+1
6o=n9+1
]]

return M
